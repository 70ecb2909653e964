//! Painting results: the ground raster as a texture, facade and roof receivers as cells clipped to their surface, and the
//! value at a place. The colours are those of the legend; the shaders leave them alone.

use std::collections::HashMap;
use std::sync::Arc;

use nalgebra::{Point3, Vector3};

use crate::city::{Building, City};
use crate::geo::Grid;
use crate::result::compare::compare_fields;
use crate::result::legend::{Legend, legend};
use crate::result::{Field, FieldData, SimulationResult};
use crate::sun::Receivers;
use crate::sun::receivers::NO_OWNER;

use super::scene::mesh_data::MeshData;
use super::space::bevy_from_map;

/// Distance (m) of painted cells in front of their surface; the shader adds a share of the distance to the eye.
const LIFT_M: f64 = 0.02;
/// A value belongs to a place on the same surface up to this distance (m) from a cell's edge.
const SNAP_M: f32 = 0.75;

/// What is to be painted.
#[derive(Clone)]
pub struct PaintRequest {
    /// Result of the shown variant.
    pub result: Arc<SimulationResult>,
    /// City of that result.
    pub city: Arc<City>,
    /// City that is drawn now: a building that stands elsewhere in it has no values.
    pub drawn: Arc<City>,
    /// Id of the building that the pointer drags: its values stay behind and are not shown.
    pub dragged: Option<String>,
    /// Result of the baseline, to show the difference to it.
    pub baseline: Option<Arc<SimulationResult>>,
    /// Field by id; its companions on other planes (same quantity, day and legend) are painted too.
    pub field: String,
}

/// A painted result.
pub struct Painted {
    /// Raster on the ground: place and RGBA, row 0 in the north; alpha 0 without a value and where the legend stays bare.
    pub ground: Option<(Grid, Vec<u8>)>,
    /// Cells on facades and roofs; colours are linear.
    pub cells: MeshData,
    /// Values by place.
    pub values: Values,
}

/// Values by place.
#[derive(Default)]
pub struct Values {
    rasters: Vec<(Grid, Arc<Vec<f32>>)>,
    receivers: Vec<(Arc<Receivers>, std::ops::Range<usize>, Arc<Vec<f32>>)>,
    /// (building key, surface) -> (position in `receivers`, position in its values).
    by_surface: HashMap<(u32, u32), Vec<(usize, usize)>>,
}

impl Values {
    /// Value on the ground at a local (x, y).
    pub fn on_ground(&self, x: f32, y: f32) -> Option<f32> {
        self.rasters.iter().find_map(|(grid, values)| {
            let (row, col) = grid.cell_at(f64::from(x), f64::from(y))?;
            let value = values[grid.index(row, col)];
            (!value.is_nan()).then_some(value)
        })
    }

    /// Value at a point of a surface: that of the cell which holds it, or of the nearest one close by.
    pub fn on_surface(&self, building_key: u32, surface: u32, point: [f32; 3]) -> Option<f32> {
        self.of_cell(building_key, surface, point, SNAP_M)
    }

    /// The same with another distance (m) from a cell's edge; 0 where a cell is painted.
    pub fn of_cell(
        &self,
        building_key: u32,
        surface: u32,
        point: [f32; 3],
        snap_m: f32,
    ) -> Option<f32> {
        let p = Vector3::from(point);
        let near = self
            .by_surface
            .get(&(building_key, surface))?
            .iter()
            .filter_map(|&(set, i)| {
                let (receivers, range, values) = &self.receivers[set];
                let r = range.start + i;
                let cell = &receivers.cells[r];
                let d = p - Vector3::from(receivers.positions[r]);
                let u = Vector3::from(cell.u);
                let v = Vector3::from(receivers.normals[r]).cross(&u);
                let outside =
                    (d.dot(&u).abs() - cell.half_u_m).max(d.dot(&v).abs() - cell.half_v_m);
                (outside <= snap_m && !values[i].is_nan()).then_some((
                    outside.max(0.0),
                    d.norm(),
                    values[i],
                ))
            });
        near.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)))
            .map(|(_, _, value)| value)
    }

    fn add(&mut self, field: &Field, shown: impl Fn(u32) -> bool) {
        match &field.data {
            FieldData::Raster { grid, values } => self.rasters.push((*grid, values.clone())),
            FieldData::Receivers {
                receivers,
                range,
                values,
            } => {
                let set = self.receivers.len();
                for (i, r) in range.clone().enumerate() {
                    let owner = (receivers.buildings[r], receivers.surfaces[r]);
                    if owner.0 != NO_OWNER && shown(owner.0) {
                        self.by_surface.entry(owner).or_default().push((set, i));
                    }
                }
                self.receivers
                    .push((receivers.clone(), range.clone(), values.clone()));
            }
        }
    }
}

/// The field with this id and its companions on other planes.
pub fn companions<'a>(result: &'a SimulationResult, id: &str) -> Vec<&'a Field> {
    let Some(main) = result.fields.iter().find(|f| f.id == id) else {
        return Vec::new();
    };
    result
        .fields
        .iter()
        .filter(|f| f.quantity == main.quantity && f.date == main.date && f.legend == main.legend)
        .collect()
}

/// Paints a result; `None` when the field does not exist, or not on both sides of a difference, or when one side is coarse and
/// the other exact: their difference says more of the cells than of the plan.
pub fn paint(request: &PaintRequest) -> Option<Painted> {
    let baseline = request.baseline.as_ref();
    if baseline.is_some_and(|baseline| baseline.quality != request.result.quality) {
        return None;
    }
    let fields: Vec<(Field, &Legend)> = companions(&request.result, &request.field)
        .into_iter()
        .filter_map(|field| match &request.baseline {
            None => Some((field.clone(), legend(field.legend)?)),
            Some(baseline) => {
                let base = baseline.fields.iter().find(|f| f.id == field.id)?;
                Some((
                    compare_fields(base, field)?.field,
                    legend(field.difference_legend)?,
                ))
            }
        })
        .collect();
    if fields.is_empty() {
        return None;
    }
    let mut painted = Painted {
        ground: None,
        cells: MeshData::default(),
        values: Values::default(),
    };
    let drawn: HashMap<u32, &Arc<Building>> =
        request.drawn.buildings.iter().map(|b| (b.key, b)).collect();
    let positions: HashMap<u32, usize> = request
        .city
        .buildings
        .iter()
        .enumerate()
        .filter(|(_, b)| {
            drawn.get(&b.key).is_some_and(|d| same_shape(d, b))
                && request.dragged.as_ref() != Some(&b.id)
        })
        .map(|(i, b)| (b.key, i))
        .collect();
    for (field, legend) in &fields {
        match &field.data {
            FieldData::Raster { grid, values } if painted.ground.is_none() => {
                painted.ground = Some((*grid, raster_rgba(values, legend)));
            }
            FieldData::Raster { .. } => {}
            FieldData::Receivers {
                receivers,
                range,
                values,
            } => {
                for (r, value) in range.clone().zip(values.iter()) {
                    add_cell(
                        &mut painted.cells,
                        &request.city,
                        &positions,
                        receivers,
                        r,
                        *value,
                        legend,
                    );
                }
            }
        }
        painted
            .values
            .add(field, |key| positions.contains_key(&key));
    }
    Some(painted)
}

/// The same object, or one that was made again from the same edit.
fn same_shape(a: &Arc<Building>, b: &Arc<Building>) -> bool {
    Arc::ptr_eq(a, b) || (a.id == b.id && a.geometry.vertices == b.geometry.vertices)
}

fn raster_rgba(values: &[f32], legend: &Legend) -> Vec<u8> {
    values
        .iter()
        .flat_map(|&v| {
            let [r, g, b] = legend.color(f64::from(v));
            let alpha = legend.drawn(f64::from(v)).map_or(0, |_| 255);
            [r, g, b, alpha]
        })
        .collect()
}

/// Linear colour of an sRGB byte triple (IEC 61966-2-1).
pub fn linear_from_srgb(color: [u8; 3]) -> [f32; 4] {
    let [r, g, b] = color.map(|c| {
        let c = f32::from(c) / 255.0;
        if c <= 0.040_45 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    });
    [r, g, b, 1.0]
}

fn add_cell(
    mesh: &mut MeshData,
    city: &City,
    positions: &HashMap<u32, usize>,
    receivers: &Receivers,
    r: usize,
    value: f32,
    legend: &Legend,
) {
    let Some(&building) = positions.get(&receivers.buildings[r]) else {
        return;
    };
    let geometry = &city.buildings[building].geometry;
    let Some(surface) = geometry.surfaces.get(receivers.surfaces[r] as usize) else {
        return;
    };
    if value.is_nan() {
        return;
    }
    let cell = &receivers.cells[r];
    let centre = Point3::from(receivers.positions[r]).cast::<f64>();
    let u = Vector3::from(cell.u).cast::<f64>();
    let v = surface.normal.cross(&u);
    let color = linear_from_srgb(legend.color(f64::from(value)));
    let lift = surface.normal * LIFT_M;
    for triangle in geometry.surface_triangles(surface) {
        let flat = triangle.map(|p| [(p - centre).dot(&u), (p - centre).dot(&v)]);
        let clipped = clip_to_cell(&flat, f64::from(cell.half_u_m), f64::from(cell.half_v_m));
        if clipped.len() < 3 {
            continue;
        }
        // The receiver floats off the face; its cell is drawn on the face.
        let depth = (triangle[0] - centre).dot(&surface.normal);
        let corners: Vec<u32> = clipped
            .iter()
            .map(|&[a, b]| {
                let p = centre + u * a + v * b + surface.normal * depth + lift;
                mesh.corner(bevy_from_map(p), bevy::math::Vec3::Y, color)
            })
            .collect();
        for i in 1..corners.len() - 1 {
            mesh.indices
                .extend([corners[0], corners[i], corners[i + 1]]);
        }
    }
}

/// Part of a triangle inside the rectangle |x| <= `half_u`, |y| <= `half_v` (Sutherland & Hodgman 1974).
pub fn clip_to_cell(triangle: &[[f64; 2]; 3], half_u: f64, half_v: f64) -> Vec<[f64; 2]> {
    let mut polygon = triangle.to_vec();
    for (axis, sign, limit) in [
        (0, 1.0, half_u),
        (0, -1.0, half_u),
        (1, 1.0, half_v),
        (1, -1.0, half_v),
    ] {
        let inside = |p: &[f64; 2]| limit - sign * p[axis];
        let mut next = Vec::with_capacity(polygon.len() + 1);
        for (i, a) in polygon.iter().enumerate() {
            let b = &polygon[(i + 1) % polygon.len()];
            let (da, db) = (inside(a), inside(b));
            if da >= 0.0 {
                next.push(*a);
            }
            if (da >= 0.0) != (db >= 0.0) {
                let t = da / (da - db);
                next.push([a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]);
            }
        }
        polygon = next;
        if polygon.len() < 3 {
            return Vec::new();
        }
    }
    polygon
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::Quality;
    use crate::sun::ReceiverKind;
    use crate::sun::receivers::ReceiverCell;
    use crate::view::scene::tests::{block, empty_city};
    use proptest::prelude::*;

    fn area(p: &[[f64; 2]]) -> f64 {
        (0..p.len())
            .map(|i| p[i][0] * p[(i + 1) % p.len()][1] - p[(i + 1) % p.len()][0] * p[i][1])
            .sum::<f64>()
            / 2.0
    }

    proptest! {
        /// Neighbouring cells share nothing and leave no gap.
        #[test]
        fn cells_cut_a_triangle_without_loss(corners in prop::array::uniform6(-3.0_f64..3.0)) {
            let t = [[corners[0], corners[1]], [corners[2], corners[3]], [corners[4], corners[5]]];
            let mut sum = 0.0;
            for row in -3..=3 {
                for col in -3..=3 {
                    let moved = t.map(|p| [p[0] - f64::from(col), p[1] - f64::from(row)]);
                    sum += area(&clip_to_cell(&moved, 0.5, 0.5)).abs();
                }
            }
            prop_assert!((sum - area(&t).abs()).abs() < 1e-9);
        }
    }

    fn facade_result(values: Vec<f32>) -> SimulationResult {
        // Two cells of 5 m by 3 m on the southern wall (surface 2) of a 10 m block.
        let receivers = Receivers {
            positions: vec![[2.5, -0.01, 1.5], [7.5, -0.01, 1.5]],
            normals: vec![[0.0, -1.0, 0.0]; 2],
            kinds: vec![ReceiverKind::Facade; 2],
            buildings: vec![7; 2],
            surfaces: vec![2; 2],
            cells: vec![
                ReceiverCell {
                    u: [1.0, 0.0, 0.0],
                    half_u_m: 2.5,
                    half_v_m: 1.5
                };
                2
            ],
        };
        let field = Field {
            id: "f".to_owned(),
            quantity: "quantity-sun-hours",
            unit: "h",
            legend: "sun_hours_day",
            difference_legend: "sun_hours_difference",
            from_deg: None,
            date: None,
            plane: "plane-facades",
            data: FieldData::Receivers {
                receivers: Arc::new(receivers),
                range: 0..2,
                values: Arc::new(values),
            },
        };
        SimulationResult {
            simulation: "sun",
            quality: Quality::Exact,
            fields: vec![field],
            tables: Vec::new(),
            indicators: Vec::new(),
            findings: Vec::new(),
            inputs: Vec::new(),
            method: Vec::new(),
            movement: None,
            animation: None,
            passability: None,
        }
    }

    fn request(values: Vec<f32>, baseline: Option<Vec<f32>>) -> PaintRequest {
        let mut city = empty_city();
        city.buildings = vec![Arc::new(block(7, [0.0; 3], [10.0, 10.0, 3.0]))];
        let city = Arc::new(city);
        PaintRequest {
            result: Arc::new(facade_result(values)),
            drawn: city.clone(),
            city,
            dragged: None,
            baseline: baseline.map(|b| Arc::new(facade_result(b))),
            field: "f".to_owned(),
        }
    }

    #[test]
    fn what_stands_elsewhere_now_has_no_values() {
        let asked = request(vec![2.0, 9.0], None);
        let mut dragged = asked.clone();
        dragged.dragged = Some("b7".to_owned());
        let mut moved = asked.clone();
        let mut city = empty_city();
        city.buildings = vec![Arc::new(block(7, [5.0, 0.0, 0.0], [15.0, 10.0, 3.0]))];
        moved.drawn = Arc::new(city);
        assert!(!paint(&asked).unwrap().cells.is_empty());
        for request in [dragged, moved] {
            let painted = paint(&request).unwrap();
            assert!(painted.cells.is_empty() && painted.values.by_surface.is_empty());
        }
    }

    #[test]
    fn cells_carry_the_colour_of_the_legend_and_their_value() {
        let painted = paint(&request(vec![2.0, 9.0], None)).unwrap();
        let legend = legend("sun_hours_day").unwrap();
        assert_eq!(painted.cells.colors[0], linear_from_srgb(legend.color(2.0)));
        assert_eq!(
            painted.cells.colors.last(),
            Some(&linear_from_srgb(legend.color(9.0)))
        );
        // The whole wall is covered: 30 m².
        let p = &painted.cells.positions;
        let covered: f32 = painted
            .cells
            .indices
            .chunks_exact(3)
            .map(|t| {
                let [a, b, c] = [t[0], t[1], t[2]].map(|i| bevy::math::Vec3::from(p[i as usize]));
                (b - a).cross(c - a).length() / 2.0
            })
            .sum();
        assert!((covered - 30.0).abs() < 1e-3, "{covered}");
        assert_eq!(painted.values.on_surface(7, 2, [1.0, 0.0, 1.0]), Some(2.0));
        assert_eq!(painted.values.on_surface(7, 2, [9.0, 0.0, 1.0]), Some(9.0));
        assert_eq!(painted.values.on_surface(7, 3, [9.0, 0.0, 1.0]), None);
    }

    #[test]
    fn a_coarse_result_is_not_compared_with_an_exact_one() {
        let mut asked = request(vec![2.0, 9.0], Some(vec![5.0, 9.0]));
        let mut coarse = (*asked.result).clone();
        coarse.quality = Quality::Coarse;
        asked.result = Arc::new(coarse);
        assert!(paint(&asked).is_none());
        asked.baseline = None;
        assert!(paint(&asked).is_some(), "alone it is shown");
    }

    #[test]
    fn a_difference_is_variant_minus_baseline() {
        let painted = paint(&request(vec![2.0, 9.0], Some(vec![5.0, 9.0]))).unwrap();
        assert_eq!(painted.values.on_surface(7, 2, [1.0, 0.0, 1.0]), Some(-3.0));
        let legend = legend("sun_hours_difference").unwrap();
        assert_eq!(
            painted.cells.colors[0],
            linear_from_srgb(legend.color(-3.0))
        );
    }
}
