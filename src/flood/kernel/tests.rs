//! What holds for every run: exact volume, no negative depth, the same bytes for every number of threads, every instruction set and
//! across a checkpoint, the mirrored water on the mirrored ground.

use proptest::prelude::*;

use super::tile::{CELLS, TILE};
use super::{CheckpointError, Level, Solver, SolverOptions};
use crate::flood::domain::{
    Axis, Boundary, BoundaryKind, Breach, Crest, Culvert, CulvertSection, Domain, Face, Forcing,
    Infiltration, Inflow, Inlet, Porosity, Series, Start,
};
use crate::flood::run::Peaks;
use crate::geo::Grid;

const IDENTITY: [u8; 32] = [7; 32];

/// All ways to solve.
const WAYS: [(u8, bool); 4] = [(1, false), (1, true), (2, false), (2, true)];

fn options((order, double): (u8, bool)) -> SolverOptions {
    SolverOptions {
        order,
        double,
        track_interval_s: 1.0,
    }
}

/// Random numbers of one seed (splitmix64).
struct Dice(u64);

impl Dice {
    /// Between 0 and 1.
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((x ^ (x >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    fn below(&mut self, count: usize) -> usize {
        ((self.unit() * count as f64) as usize).min(count - 1)
    }
}

/// What a scene has beside ground and water.
#[derive(Clone, Copy, Debug)]
struct Parts {
    rain: bool,
    losses: bool,
    crests: bool,
    holes: bool,
    porous: bool,
    edges: bool,
    points: bool,
}

impl Parts {
    const ALL: Self = Self {
        rain: true,
        losses: true,
        crests: true,
        holes: true,
        porous: true,
        edges: true,
        points: true,
    };

    fn of(bits: u8) -> Self {
        let bit = |k: u8| bits & (1 << k) != 0;
        Self {
            rain: bit(0),
            losses: bit(1),
            crests: bit(2),
            holes: bit(3),
            porous: bit(4),
            edges: bit(5),
            points: bit(6),
        }
    }
}

#[derive(Clone)]
struct Scene {
    domain: Domain,
    forcing: Forcing,
    start: Start,
}

/// Rough ground with steep blocks, ponds and moving water, and the parts that are asked for.
fn scene(seed: u64, rows: usize, cols: usize, parts: Parts) -> Scene {
    let mut dice = Dice(seed);
    let grid = Grid {
        west: 0.0,
        north: 2.0 * rows as f64,
        cell_m: 2.0,
        cols,
        rows,
    };
    let cells = grid.len();
    let roughness = [0.0, 0.02, 0.5][dice.below(3)];
    let slope = [0.0, 0.01, 0.2][dice.below(3)];
    let blocks = dice.unit() * 0.2;
    let mut bed_m = Vec::with_capacity(cells);
    for row in 0..rows {
        for col in 0..cols {
            let block = if dice.chance(blocks) {
                6.0 * dice.unit()
            } else {
                0.0
            };
            bed_m.push(3.0 + slope * (row + 2 * col) as f64 + roughness * dice.unit() + block);
        }
    }
    let level = 3.0 + slope * (rows + 2 * cols) as f64 * 0.3;
    let wet = dice.unit();
    let depth_m = bed_m
        .iter()
        .map(|z| match dice.below(4) {
            0 if dice.chance(wet) => (level - z).max(0.0),
            1 if dice.chance(wet) => 2.0 * dice.unit().powi(6),
            _ => 0.0,
        })
        .collect();
    let mut speeds = || {
        (0..cells)
            .map(|_| (6.0 * dice.unit() - 3.0) as f32)
            .collect()
    };
    let (u, v) = (speeds(), speeds());
    let mut scene = Scene {
        domain: Domain {
            grid,
            bed_m,
            manning_n: (0..cells).map(|_| (0.1 * dice.unit()) as f32).collect(),
            open: vec![true; cells],
            crests: Vec::new(),
            porosity: None,
            boundaries: Vec::new(),
        },
        forcing: Forcing::default(),
        start: Start { depth_m, u, v },
    };
    if parts.holes {
        for open in &mut scene.domain.open {
            *open = !dice.chance(0.1);
        }
        // Something must be left.
        scene.domain.open[0] = true;
    }
    if parts.rain {
        scene.forcing.rain_m = vec![Series {
            times_s: vec![0.0, 4.0, 6.0],
            values: vec![0.0, 0.002 * dice.unit(), 0.004],
        }];
        scene.forcing.rain_factor = (0..cells).map(|_| 2.0 * dice.unit() as f32).collect();
    }
    if parts.losses {
        scene.forcing.infiltration = vec![
            Infiltration::GreenAmpt {
                conductivity_m_per_s: 1e-4,
                suction_m: 0.1,
                deficit: 0.3,
            },
            Infiltration::Constant { rate_m_per_s: 1e-3 },
            Infiltration::Scs { curve_number: 70.0 },
        ];
        scene.forcing.infiltration_class = (0..cells).map(|_| dice.below(4) as u8).collect();
        scene.forcing.unsealed = (0..cells).map(|_| dice.unit() as f32).collect();
        scene.forcing.sewer_m_per_s = (0..cells).map(|_| 1e-4 * dice.unit() as f32).collect();
    }
    if parts.crests {
        add_crests(&mut scene.domain, &mut dice);
    }
    if parts.porous {
        let share = |dice: &mut Dice| 0.05 + 0.95 * dice.unit() as f32;
        let mut shares = |count: usize| (0..count).map(|_| share(&mut dice)).collect::<Vec<_>>();
        let (storage, mut conveyance_x, mut conveyance_y) = (
            shares(cells),
            shares(rows * (cols + 1)),
            shares((rows + 1) * cols),
        );
        // The edge of the grid is free.
        for row in 0..rows {
            conveyance_x[row * (cols + 1)] = 1.0;
            conveyance_x[row * (cols + 1) + cols] = 1.0;
        }
        conveyance_y[..cols].fill(1.0);
        conveyance_y[rows * cols..].fill(1.0);
        scene.domain.porosity = Some(Porosity {
            storage,
            conveyance_x,
            conveyance_y,
        });
    }
    if parts.edges {
        add_edges(&mut scene.domain, level);
    }
    if parts.points {
        add_points(&mut scene, &mut dice);
    }
    scene
}

fn add_crests(domain: &mut Domain, dice: &mut Dice) {
    let Grid { rows, cols, .. } = domain.grid;
    for row in 1..rows {
        for col in 1..cols {
            if !dice.chance(0.1) {
                continue;
            }
            let axis = if dice.chance(0.5) { Axis::X } else { Axis::Y };
            let bed = domain.bed_m[domain.grid.index(row, col)];
            domain.crests.push(Crest {
                face: Face { axis, row, col },
                crest_m: if dice.chance(0.1) {
                    f64::INFINITY
                } else {
                    bed + dice.unit()
                },
                breach: dice.chance(0.3).then_some(Breach {
                    start_s: 2.0,
                    end_s: 5.0,
                    sill_m: bed,
                }),
            });
        }
    }
}

fn add_edges(domain: &mut Domain, level: f64) {
    let Grid { rows, cols, .. } = domain.grid;
    let side = |axis, row, col| Face { axis, row, col };
    let tide = Series {
        times_s: vec![0.0, 5.0, 10.0],
        values: vec![level - 0.5, level + 1.0, level - 1.0],
    };
    let kinds = [
        (
            "inflow",
            (0..rows).map(|r| side(Axis::X, r, 0)).collect::<Vec<_>>(),
            BoundaryKind::Discharge {
                series: Series::constant(0.3 * rows as f64),
                depth_m: None,
            },
        ),
        (
            "free",
            (0..rows / 2).map(|r| side(Axis::X, r, cols)).collect(),
            BoundaryKind::Free,
        ),
        (
            "tide",
            (0..cols).map(|c| side(Axis::Y, 0, c)).collect(),
            BoundaryKind::Level { series: tide },
        ),
        (
            "slope",
            (cols / 3..cols).map(|c| side(Axis::Y, rows, c)).collect(),
            BoundaryKind::NormalDepth { slope: 0.01 },
        ),
    ];
    domain.boundaries = kinds
        .map(|(id, faces, kind)| Boundary {
            id: id.to_owned(),
            faces,
            kind,
        })
        .to_vec();
}

fn add_points(scene: &mut Scene, dice: &mut Dice) {
    let mut open: Vec<usize> = (0..scene.domain.grid.len())
        .filter(|&i| scene.domain.open[i])
        .collect();
    let mut cell = || {
        let at = dice.below(open.len());
        if open.len() > 1 {
            open.swap_remove(at)
        } else {
            open[at]
        }
    };
    scene.forcing.inlets = vec![Inlet {
        id: "grate".to_owned(),
        cell: cell(),
        perimeter_m: 2.0,
        area_m2: 0.2,
        capacity_m3_per_s: f64::INFINITY,
    }];
    scene.forcing.inflows = vec![Inflow {
        id: "pipe".to_owned(),
        cells: vec![cell(), cell()],
        series: Series::constant(1.0),
    }];
    let ends = [cell(), cell()];
    scene.forcing.culverts = vec![Culvert {
        id: "underpass".to_owned(),
        cells: ends,
        invert_m: ends.map(|c| scene.domain.bed_m[c]),
        length_m: 10.0,
        section: CulvertSection::Box {
            width_m: 2.0,
            height_m: 1.5,
        },
        manning_n: 0.015,
        losses: 1.5,
    }];
}

impl Scene {
    fn solver(&self, way: (u8, bool)) -> Solver {
        Solver::new(&self.domain, &self.forcing, &self.start, options(way))
    }
}

fn steps(solver: &mut Solver, count: usize) {
    for _ in 0..count {
        solver.step(f64::INFINITY);
    }
}

/// Everything that a run is, as bytes.
fn bytes(solver: &Solver) -> Vec<u8> {
    solver.checkpoint(&IDENTITY)
}

/// Depths are not negative, all numbers are some, and the book closes to the last quantum.
fn sound(scene: &Scene, solver: &Solver) -> Result<(), TestCaseError> {
    let (u, v) = solver.velocities();
    for (cell, depth) in solver.depths_m().into_iter().enumerate() {
        prop_assert!(depth >= 0.0, "depth {depth} in cell {cell}");
        prop_assert!(depth.is_finite() && u[cell].is_finite() && v[cell].is_finite());
        prop_assert!(scene.domain.open[cell] || depth == 0.0, "water in a hole");
    }
    let ledger = solver.ledger();
    prop_assert_eq!(ledger.error_m3, 0.0, "{:?}", ledger);
    Ok(())
}

/// Ground that falls or rises towards an edge with the level of the lake inside: nothing moves.
#[test]
fn a_lake_stays_at_rest_beside_an_edge_of_its_level() {
    let grid = Grid {
        west: 0.0,
        north: 40.0,
        cell_m: 4.0,
        cols: 12,
        rows: 10,
    };
    for slope in [-0.2, -0.05, 0.0, 0.05, 0.2] {
        let bed_m: Vec<f64> = (0..grid.len())
            .map(|i| slope * 4.0 * (i % grid.cols) as f64)
            .collect();
        let domain = Domain {
            grid,
            bed_m: bed_m.clone(),
            manning_n: vec![0.03; grid.len()],
            open: vec![true; grid.len()],
            crests: Vec::new(),
            porosity: None,
            boundaries: vec![Boundary {
                id: "sea".to_owned(),
                faces: (0..grid.rows)
                    .map(|row| Face {
                        axis: Axis::X,
                        row,
                        col: grid.cols,
                    })
                    .collect(),
                kind: BoundaryKind::Level {
                    series: Series::constant(10.0),
                },
            }],
        };
        for (order, double) in WAYS {
            let start = Start {
                depth_m: bed_m.iter().map(|z| 10.0 - z).collect(),
                ..Start::default()
            };
            let forcing = Forcing::default();
            let mut solver = Solver::new(&domain, &forcing, &start, options((order, double)));
            steps(&mut solver, 200);
            let (u, _) = solver.velocities();
            let fastest = u.iter().fold(0.0, |a, u| f64::max(a, u.abs()));
            let limit = if double { 1e-12 } else { 1e-6 };
            assert!(
                fastest <= limit,
                "order {order}, slope {slope}: {fastest} m/s"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_water_on_any_ground_stays_sound(
        seed: u64,
        rows in 1_usize..140,
        cols in 1_usize..140,
        bits: u8,
        way in 0_usize..4,
        pauses in prop::collection::vec(0.001_f64..1.5, 1..12),
    ) {
        let scene = scene(seed, rows, cols, Parts::of(bits));
        let mut solver = scene.solver(WAYS[way]);
        let mut until = 0.0;
        for pause in pauses {
            until += pause;
            for _ in 0..20 {
                if solver.step(until) == 0.0 {
                    break;
                }
            }
            sound(&scene, &solver)?;
        }
    }

    #[test]
    fn the_mirrored_ground_has_the_mirrored_water(
        seed: u64,
        rows in 2_usize..90,
        cols in 2_usize..90,
        bits: u8,
        order in 1_u8..3,
        turn in 0_usize..3,
        fed: bool,
    ) {
        // In f32, and with depths divided by a free share, a face rounds levels from one side: only f64 has the same bits.
        let way = (order, true);
        let parts = Parts {
            porous: false,
            ..Parts::of(bits)
        };
        let turn = [Turn::WestEast, Turn::NorthSouth, Turn::Exchanged][turn];
        let mut plain = scene(seed, rows, cols, parts);
        // The share of a face in a discharge comes from a sum over the faces in their order: not the same bits.
        let shared = parts.edges && fed;
        if !fed {
            let boundaries = &mut plain.domain.boundaries;
            boundaries.retain(|b| !matches!(b.kind, BoundaryKind::Discharge { .. }));
        }
        let other = turn.scene(&plain);
        let mut solvers = [&plain, &other].map(|s| s.solver(way));
        for solver in &mut solvers {
            steps(solver, if shared { 3 } else { 25 });
        }
        let [a, b] = solvers;
        let depths = turn.cells(&plain.domain.grid, &a.depths_m());
        if shared {
            let worst = (depths.iter().zip(b.depths_m()))
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f64::max);
            prop_assert!(worst <= 1e-9, "{worst} m");
            return Ok(());
        }
        prop_assert_eq!(a.time_s(), b.time_s());
        prop_assert!(depths == b.depths_m());
        let (u, v) = a.velocities();
        let [u, v] = turn.vectors(&plain.domain.grid, &u, &v);
        // Zeros may differ in their sign, which `==` does not see.
        prop_assert!((u, v) == b.velocities());
    }
}

/// A way to lay the same ground differently.
#[derive(Clone, Copy, Debug)]
enum Turn {
    WestEast,
    NorthSouth,
    /// Rows become columns.
    Exchanged,
}

impl Turn {
    fn grid(self, grid: &Grid) -> Grid {
        match self {
            Self::Exchanged => Grid {
                cols: grid.rows,
                rows: grid.cols,
                north: grid.cell_m * grid.cols as f64,
                ..*grid
            },
            _ => *grid,
        }
    }

    /// Where a cell goes.
    fn cell(self, grid: &Grid, cell: usize) -> usize {
        let (row, col) = (cell / grid.cols, cell % grid.cols);
        match self {
            Self::WestEast => grid.index(row, grid.cols - 1 - col),
            Self::NorthSouth => grid.index(grid.rows - 1 - row, col),
            Self::Exchanged => self.grid(grid).index(col, row),
        }
    }

    fn cells<A: Copy>(self, grid: &Grid, values: &[A]) -> Vec<A> {
        let mut out = values.to_vec();
        for (cell, value) in values.iter().enumerate() {
            out[self.cell(grid, cell)] = *value;
        }
        out
    }

    /// Velocities to the east and to the north.
    fn vectors<A: Copy + std::ops::Neg<Output = A>>(
        self,
        grid: &Grid,
        u: &[A],
        v: &[A],
    ) -> [Vec<A>; 2] {
        let (u, v) = (self.cells(grid, u), self.cells(grid, v));
        let turned = |x: Vec<A>| x.into_iter().map(|x| -x).collect();
        match self {
            Self::WestEast => [turned(u), v],
            Self::NorthSouth => [u, turned(v)],
            Self::Exchanged => [turned(v), turned(u)],
        }
    }

    fn face(self, grid: &Grid, face: Face) -> Face {
        let Face { axis, row, col } = face;
        match (self, axis) {
            (Self::WestEast, Axis::X) => Face {
                col: grid.cols - col,
                ..face
            },
            (Self::WestEast, Axis::Y) => Face {
                col: grid.cols - 1 - col,
                ..face
            },
            (Self::NorthSouth, Axis::X) => Face {
                row: grid.rows - 1 - row,
                ..face
            },
            (Self::NorthSouth, Axis::Y) => Face {
                row: grid.rows - row,
                ..face
            },
            (Self::Exchanged, _) => Face {
                axis: if axis == Axis::X { Axis::Y } else { Axis::X },
                row: col,
                col: row,
            },
        }
    }

    fn porosity(self, grid: &Grid, porosity: &Porosity) -> Porosity {
        let new = self.grid(grid);
        let mut out = Porosity {
            storage: self.cells(grid, &porosity.storage),
            conveyance_x: vec![1.0; new.rows * (new.cols + 1)],
            conveyance_y: vec![1.0; (new.rows + 1) * new.cols],
        };
        let mut put = |face: Face, share: f32| match self.face(grid, face) {
            Face {
                axis: Axis::X,
                row,
                col,
            } => out.conveyance_x[row * (new.cols + 1) + col] = share,
            Face { row, col, .. } => out.conveyance_y[row * new.cols + col] = share,
        };
        for row in 0..=grid.rows {
            for col in 0..=grid.cols {
                if row < grid.rows {
                    let axis = Axis::X;
                    let share = porosity.conveyance_x[row * (grid.cols + 1) + col];
                    put(Face { axis, row, col }, share);
                }
                if col < grid.cols {
                    let axis = Axis::Y;
                    put(
                        Face { axis, row, col },
                        porosity.conveyance_y[row * grid.cols + col],
                    );
                }
            }
        }
        out
    }

    fn scene(self, scene: &Scene) -> Scene {
        let mut new = scene.clone();
        let grid = scene.domain.grid;
        let (domain, forcing) = (&mut new.domain, &mut new.forcing);
        domain.grid = self.grid(&grid);
        domain.bed_m = self.cells(&grid, &domain.bed_m);
        domain.manning_n = self.cells(&grid, &domain.manning_n);
        domain.open = self.cells(&grid, &domain.open);
        for crest in &mut domain.crests {
            crest.face = self.face(&grid, crest.face);
        }
        for boundary in &mut domain.boundaries {
            for face in &mut boundary.faces {
                *face = self.face(&grid, *face);
            }
        }
        domain.porosity = (scene.domain.porosity.as_ref()).map(|p| self.porosity(&grid, p));
        forcing.rain_factor = self.cells(&grid, &forcing.rain_factor);
        forcing.infiltration_class = self.cells(&grid, &forcing.infiltration_class);
        forcing.unsealed = self.cells(&grid, &forcing.unsealed);
        forcing.sewer_m_per_s = self.cells(&grid, &forcing.sewer_m_per_s);
        for inlet in &mut forcing.inlets {
            inlet.cell = self.cell(&grid, inlet.cell);
        }
        for cell in forcing.inflows.iter_mut().flat_map(|i| &mut i.cells) {
            *cell = self.cell(&grid, *cell);
        }
        for cell in forcing.culverts.iter_mut().flat_map(|c| &mut c.cells) {
            *cell = self.cell(&grid, *cell);
        }
        new.start.depth_m = self.cells(&grid, &scene.start.depth_m);
        [new.start.u, new.start.v] = self.vectors(&grid, &scene.start.u, &scene.start.v);
        new
    }
}

#[test]
fn a_run_goes_on_from_its_checkpoint_with_the_same_bytes() {
    // Before the rain ends, the breaches open and the tide turns, while they do, and after.
    const PAUSES_S: [f64; 3] = [1.0, 3.0, 5.5];
    const END_S: f64 = 7.0;
    let run = |solver: &mut Solver, until: f64| while solver.step(until) > 0.0 {};
    for way in WAYS {
        for (seed, bits) in [(0, 0b111_1111), (2, 0b010_0011)] {
            let scene = scene(seed, 70, 90, Parts::of(bits));
            let mut unbroken = scene.solver(way);
            let saved = PAUSES_S.map(|pause| {
                run(&mut unbroken, pause);
                bytes(&unbroken)
            });
            run(&mut unbroken, END_S);
            for (pause, saved) in PAUSES_S.iter().zip(&saved) {
                // Into a run that has already gone elsewhere.
                let mut resumed = scene.solver(way);
                steps(&mut resumed, 5);
                resumed.restore(saved, &IDENTITY).unwrap();
                assert!(
                    bytes(&resumed) == *saved,
                    "{way:?}, seed {seed}: saved again"
                );
                for other in PAUSES_S.iter().filter(|other| *other > pause) {
                    run(&mut resumed, *other);
                }
                run(&mut resumed, END_S);
                let same = bytes(&resumed) == bytes(&unbroken);
                assert!(same, "{way:?}, seed {seed}, from {pause} s");
            }
        }
    }
}

#[test]
fn a_damaged_or_foreign_checkpoint_is_refused() {
    let here = scene(1, 20, 30, Parts::ALL);
    let mut solver = here.solver((1, false));
    steps(&mut solver, 3);
    let saved = bytes(&solver);
    let before = saved.clone();
    for length in [8, 40, saved.len() / 2, saved.len() - 1] {
        let cut = solver.restore(&saved[..length], &IDENTITY);
        assert_eq!(cut, Err(CheckpointError::Damaged), "{length} bytes");
    }
    for at in [9, 60, saved.len() / 2, saved.len() - 1] {
        let mut bad = saved.clone();
        bad[at] ^= 1;
        assert_eq!(
            solver.restore(&bad, &IDENTITY),
            Err(CheckpointError::Damaged)
        );
    }
    assert_eq!(
        solver.restore(b"PNG", &IDENTITY),
        Err(CheckpointError::Foreign)
    );
    assert_eq!(
        solver.restore(&saved, &[8; 32]),
        Err(CheckpointError::OtherRun)
    );
    let larger = scene(1, 20, 100, Parts::ALL);
    let refused = larger.solver((1, false)).restore(&saved, &IDENTITY);
    assert_eq!(refused, Err(CheckpointError::OtherRun));
    // A refusal leaves the run as it was.
    assert!(bytes(&solver) == before);
}

#[test]
fn every_number_of_threads_gives_the_same_bytes() {
    for way in WAYS {
        let scene = scene(11, 200, 150, Parts::ALL);
        let runs = [1, 2, 8].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.unwrap().install(|| {
                let mut solver = scene.solver(way);
                steps(&mut solver, 60);
                bytes(&solver)
            })
        });
        assert!(runs.iter().all(|run| *run == runs[0]), "{way:?}");
    }
}

#[test]
fn every_instruction_set_gives_the_same_bytes() {
    for way in WAYS {
        for parts in [Parts::ALL, Parts::of(1), Parts::of(0b10_0001)] {
            let scene = scene(5, 130, 90, parts);
            let runs: Vec<Vec<u8>> = Level::all()
                .into_iter()
                .map(|level| {
                    let mut solver = scene.solver(way);
                    solver.use_level(level);
                    steps(&mut solver, 60);
                    bytes(&solver)
                })
                .collect();
            assert!(runs.iter().all(|run| *run == runs[0]), "{way:?} {parts:?}");
        }
    }
}

/// Water in one corner of a dry plain of several tiles.
fn corner(side: usize, wet: usize) -> Scene {
    let mut scene = scene(3, side, side, Parts::of(0));
    scene.domain.bed_m.fill(1.0);
    scene.start.u.fill(0.0);
    scene.start.v.fill(0.0);
    for (cell, depth) in scene.start.depth_m.iter_mut().enumerate() {
        let (row, col) = (cell / side, cell % side);
        *depth = if row < wet && col < wet { 1.0 } else { 0.0 };
    }
    scene
}

#[test]
fn tiles_that_are_skipped_change_nothing() {
    // An inflow of nothing in each tile keeps it awake.
    for way in WAYS {
        for wet in [60, 62, 64, 90] {
            let asleep = corner(4 * TILE, wet);
            let mut awake = asleep.clone();
            let middle = (0..4).map(|k| k * TILE + TILE / 2);
            let cells = middle
                .clone()
                .flat_map(|row| middle.clone().map(move |col| row * 4 * TILE + col));
            awake.forcing.inflows = vec![Inflow {
                id: "nothing".to_owned(),
                cells: cells.collect(),
                series: Series::constant(0.0),
            }];
            let mut solvers = [&asleep, &awake].map(|s| s.solver(way));
            for solver in &mut solvers {
                steps(solver, 80);
                assert_eq!(solver.ledger().error_m3, 0.0);
            }
            let [a, b] = solvers;
            assert!(a.depths_m() == b.depths_m() && a.velocities() == b.velocities());
            assert!(a.visited_tiles() < b.visited_tiles());
            assert_eq!(b.visited_tiles(), 80 * 16);
        }
    }
}

#[test]
fn a_surge_on_a_twentieth_of_the_ground_costs_less_than_a_tenth() {
    // A strip of 5 % along the coast, as a flood of the sea has it, against the same ground under water.
    const ROWS: usize = 1000;
    let strip = |wet: usize| {
        let mut scene = corner(ROWS, 0);
        for (cell, depth) in scene.start.depth_m.iter_mut().enumerate() {
            *depth = if cell % ROWS < wet { 1.0 } else { 0.0 };
        }
        // The land beyond the strip lies above the water.
        for (cell, bed) in scene.domain.bed_m.iter_mut().enumerate() {
            *bed = if cell % ROWS < wet { 0.0 } else { 2.0 };
        }
        let mut solver = scene.solver((1, false));
        steps(&mut solver, 3);
        solver.visited_tiles()
    };
    let (surge, all) = (strip(ROWS / 20), strip(ROWS));
    assert_eq!(all, 3 * 256);
    assert!(10 * surge <= all, "{surge} of {all} tiles");
}

/// A look is carried out by the pass after it, or when its result is asked for: either way, at the state it was due at.
#[test]
fn largest_values_are_those_of_every_state() {
    for way in WAYS {
        let scene = scene(5, 70, 90, Parts::of(0b1010111));
        let every_step = SolverOptions {
            track_interval_s: 0.0,
            ..options(way)
        };
        let mut solver = Solver::new(&scene.domain, &scene.forcing, &scene.start, every_step);
        let mut deepest = vec![0.0_f32; scene.domain.grid.len()];
        let mut fastest = vec![0.0_f32; deepest.len()];
        for step in 0..30 {
            for (cell, (deepest, fastest)) in deepest.iter_mut().zip(&mut fastest).enumerate() {
                let h = solver.depth_m(cell) as f32;
                let [u, v] = solver.velocity(cell);
                *deepest = deepest.max(h);
                if h > Peaks::SPEED_DEPTH_M {
                    *fastest = fastest.max(u.hypot(v) as f32);
                }
            }
            if step % 7 == 0 {
                let peaks = solver.peaks();
                assert_eq!(peaks.depth_m, deepest, "{way:?}, step {step}");
                for (cell, fastest) in fastest.iter().enumerate() {
                    let kept = peaks.u[cell].hypot(peaks.v[cell]);
                    assert!((kept - fastest).abs() < 1e-3, "{way:?}: {kept} {fastest}");
                }
            }
            solver.step(1e9);
        }
    }
}

/// The short ways of tiles without crests or open edges are ways to the same bits, wherever tiles end.
#[test]
fn every_version_of_a_tile_gives_the_same_bytes() {
    let sizes = [(63, 66), (64, 129), (65, 64), (130, 65)];
    for (seed, (rows, cols)) in (0..).zip(sizes) {
        for bits in [0b000_0001, 0b000_1011, 0b010_1001, 0b110_1111] {
            for way in WAYS {
                let scene = scene(seed, rows, cols, Parts::of(bits));
                let [mut short, mut careful] = [scene.solver(way), scene.solver(way)];
                careful.use_careful_tiles();
                steps(&mut short, 12);
                steps(&mut careful, 12);
                assert!(bytes(&short) == bytes(&careful), "{seed} {bits:b} {way:?}");
            }
        }
    }
}

/// Saved while a look at the largest values is due.
#[test]
fn a_checkpoint_between_two_steps_goes_on_with_the_same_bytes() {
    for way in WAYS {
        let scene = scene(11, 70, 70, Parts::of(0b110_0011));
        let mut whole = scene.solver(way);
        steps(&mut whole, 5);
        let saved = bytes(&whole);
        let mut other = scene.solver(way);
        other.restore(&saved, &IDENTITY).unwrap();
        steps(&mut whole, 5);
        steps(&mut other, 5);
        assert!(bytes(&whole) == bytes(&other), "{way:?}");
    }
}

#[test]
fn memory_per_cell() {
    // (order, f64, state alone, with the largest values) in bytes per cell of the tiles.
    let expected = [
        ((1, false), 41, 59),
        ((1, true), 65, 83),
        ((2, false), 57, 75),
        ((2, true), 89, 107),
    ];
    let mut scene = corner(2 * TILE, 0);
    scene.forcing.rain_m = vec![Series::constant(0.0)];
    for (way, state, all) in expected {
        let bytes = scene.solver(way).bytes();
        assert_eq!(bytes, [state, all].map(|b| b * 4 * CELLS), "{way:?}");
    }
}

/// A wall that breaks along its whole length, where a building stands behind a part of it.
#[test]
fn a_breach_lets_no_water_into_a_building() {
    let grid = Grid {
        west: 0.0,
        north: 6.0,
        cell_m: 1.0,
        cols: 6,
        rows: 6,
    };
    let mut open = vec![true; grid.len()];
    for row in 2..4 {
        open[grid.index(row, 3)] = false;
    }
    let crests = (0..grid.rows).map(|row| Crest {
        face: Face {
            axis: Axis::X,
            row,
            col: 3,
        },
        crest_m: 2.0,
        breach: Some(Breach {
            start_s: 1.0,
            end_s: 2.0,
            sill_m: 0.0,
        }),
    });
    let domain = Domain {
        grid,
        bed_m: vec![0.0; grid.len()],
        manning_n: vec![0.03; grid.len()],
        crests: crests.collect(),
        open,
        porosity: None,
        boundaries: Vec::new(),
    };
    let depth_m = (0..grid.len()).map(|cell| if cell % 6 < 3 { 1.0 } else { 0.0 });
    let start = Start {
        depth_m: depth_m.collect(),
        ..Start::default()
    };
    for way in WAYS {
        let mut solver = Solver::new(&domain, &Forcing::default(), &start, options(way));
        while solver.time_s() < 20.0 {
            solver.step(20.0);
        }
        let ledger = solver.ledger();
        assert_eq!((ledger.stored_m3, ledger.error_m3), (18.0, 0.0), "{way:?}");
        assert!(solver.depth_m(grid.index(5, 5)) > 0.3, "{way:?}");
    }
}
