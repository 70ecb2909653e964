//! Plain arrays of a mesh in Bevy space, built away from the window and turned into a `Mesh` at the end.

use bevy::asset::RenderAssetUsages;
use bevy::math::{Vec2, Vec3};
use bevy::mesh::{Indices, Mesh, PrimitiveTopology};

/// Triangles with normal and colour per corner. rgb is the linear albedo, a the openness to the sky.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MeshData {
    /// Corners.
    pub positions: Vec<[f32; 3]>,
    /// Unit normals.
    pub normals: Vec<[f32; 3]>,
    /// Colours.
    pub colors: Vec<[f32; 4]>,
    /// Three per triangle.
    pub indices: Vec<u32>,
}

impl MeshData {
    /// Adds a corner and returns its number.
    pub fn corner(&mut self, position: Vec3, normal: Vec3, color: [f32; 4]) -> u32 {
        self.positions.push(position.into());
        self.normals.push(normal.into());
        self.colors.push(color);
        self.positions.len() as u32 - 1
    }

    /// Adds a triangle with one normal and colour.
    pub fn flat_triangle(&mut self, corners: [Vec3; 3], normal: Vec3, color: [f32; 4]) {
        for p in corners {
            let i = self.corner(p, normal, color);
            self.indices.push(i);
        }
    }

    /// True without triangles.
    pub fn is_empty(&self) -> bool {
        self.indices.is_empty()
    }

    /// The mesh.
    pub fn to_mesh(&self) -> Mesh {
        Mesh::new(
            PrimitiveTopology::TriangleList,
            RenderAssetUsages::default(),
        )
        .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, self.positions.clone())
        .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, self.normals.clone())
        .with_inserted_attribute(Mesh::ATTRIBUTE_COLOR, self.colors.clone())
        .with_inserted_indices(Indices::U32(self.indices.clone()))
    }
}

/// Line segments in Bevy space.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineData {
    /// Start and end of each segment.
    pub segments: Vec<[Vec3; 2]>,
    /// Share of the width at start and end of each segment; full where the list has ended.
    pub tapers: Vec<[f32; 2]>,
}

impl LineData {
    /// Adds a segment whose width changes from its start to its end (shares of the full width).
    pub fn push_tapered(&mut self, segment: [Vec3; 2], taper: [f32; 2]) {
        self.tapers.resize(self.segments.len(), [1.0; 2]);
        self.segments.push(segment);
        self.tapers.push(taper);
    }

    /// The mesh that `shaders/line.wgsl` widens: four corners per segment.
    pub fn to_mesh(&self) -> Mesh {
        let n = self.segments.len() * 4;
        let (mut positions, mut along, mut corners) = (
            Vec::with_capacity(n),
            Vec::with_capacity(n),
            Vec::with_capacity(n),
        );
        let mut indices = Vec::with_capacity(self.segments.len() * 6);
        for (number, &[a, b]) in self.segments.iter().enumerate() {
            let first = positions.len() as u32;
            let [start, end] = self.tapers.get(number).copied().unwrap_or([1.0; 2]);
            for corner in [
                Vec2::new(-start, 0.0),
                Vec2::new(start, 0.0),
                Vec2::new(end, 1.0),
                Vec2::new(-end, 1.0),
            ] {
                positions.push(a.to_array());
                along.push((b - a).to_array());
                corners.push(corner.to_array());
            }
            indices.extend([0, 1, 2, 0, 2, 3].map(|i| first + i));
        }
        // The bounding box that Bevy derives from the starts alone misses loose ends; rings close, so it does not matter
        // for outlines of buildings.
        Mesh::new(
            PrimitiveTopology::TriangleList,
            RenderAssetUsages::default(),
        )
        .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, positions)
        .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, along)
        .with_inserted_attribute(Mesh::ATTRIBUTE_UV_0, corners)
        .with_inserted_indices(Indices::U32(indices))
    }
}
