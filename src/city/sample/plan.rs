//! The plan of the quarter: a plane graph of street centre lines and banks, drawn by hand. Its faces are the blocks.
//!
//! Coordinates are metres east and north of the south-western corner of the quarter.

use std::collections::BTreeMap;

use super::plane::{P2, area, contains, direction, sub};

/// Edge length of the quarter (m).
pub(super) const SIZE: f64 = 1000.0;

/// What an edge of the plan is, which says how far houses stay from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Ring with two rows of trees.
    Primary,
    /// Main street with trees.
    Avenue,
    /// Ordinary street.
    Residential,
    /// Cobbled street of the warehouses.
    Brook,
    /// Narrow old lane.
    Lane,
    /// Path without cars.
    Foot,
    /// Bridge for cars.
    Bridge,
    /// Bridge for people.
    FootBridge,
    /// Quay with a promenade.
    Quay,
    /// Narrow walk along a canal.
    CanalWalk,
    /// Wall of a canal with houses right behind it.
    CanalWall,
    /// Sloping natural bank.
    Bank,
    /// End of the quarter.
    Border,
}

impl Class {
    /// Half width of the carriageway (m).
    pub fn carriageway(self) -> f64 {
        match self {
            Self::Primary => 7.0,
            Self::Avenue => 5.5,
            Self::Residential | Self::Brook => 3.25,
            Self::Lane => 2.0,
            Self::Foot => 2.0,
            Self::Bridge => 5.0,
            Self::FootBridge => 1.75,
            Self::Quay | Self::CanalWalk | Self::CanalWall | Self::Bank | Self::Border => 0.0,
        }
    }

    /// Distance of the plots from the line (m).
    pub fn setback(self) -> f64 {
        match self {
            Self::Primary => 14.0,
            Self::Avenue => 12.0,
            Self::Residential => 7.5,
            Self::Brook => 7.0,
            Self::Lane => 3.4,
            Self::Foot => 4.5,
            Self::Quay => 13.0,
            Self::CanalWalk => 6.0,
            Self::CanalWall => 1.5,
            Self::Bank => 3.0,
            Self::Border => 4.0,
            Self::Bridge | Self::FootBridge => 0.0,
        }
    }

    /// Whether land lies on one side only.
    pub fn is_bank(self) -> bool {
        matches!(
            self,
            Self::Quay | Self::CanalWalk | Self::CanalWall | Self::Bank
        )
    }

    /// Whether it spans water.
    pub fn is_bridge(self) -> bool {
        matches!(self, Self::Bridge | Self::FootBridge)
    }

    /// Whether it is a way of the street network.
    pub fn is_way(self) -> bool {
        !self.is_bank() && self != Self::Border
    }
}

/// What stands on a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// River, basin or canal.
    Water,
    /// Closed edge of tenement houses around yards, about 1900.
    Tenement,
    /// Small plots with gabled houses.
    OldTown,
    /// New harbour quarter: flat roofs, gaps, set-back top storeys.
    Modern,
    /// Warehouses along the canal.
    Warehouse,
    /// One large office house around a court.
    Court,
    /// Free-standing houses along the quay.
    Points,
    /// Low harbour sheds.
    Sheds,
    /// The empty site of the drafts.
    Site,
    /// End of the pier.
    Pier,
    /// Market square with town hall and market hall.
    Market,
    /// Church square.
    Church,
    /// School with gymnasium.
    School,
    /// Parallel slabs in green.
    Slabs,
    /// Towers in green.
    Towers,
    /// Terraced houses with gardens.
    Terraces,
    /// Villas in gardens.
    Villas,
    /// Park.
    Park,
    /// Narrow green along a canal.
    Strip,
}

#[rustfmt::skip]
const NODES: &[(&str, f64, f64)] = &[
    // Corners of the quarter.
    ("sw", 0.0, 0.0), ("se", 1000.0, 0.0), ("nw", 0.0, 1000.0), ("ne", 1000.0, 1000.0),
    // River bank, west of the basin; basin (north quay q1-q3, south quay q4-q6); tip of the pier; river quay.
    ("k0", 0.0, 128.0), ("k1", 70.0, 121.0), ("k2", 140.0, 119.0), ("k3", 165.0, 148.0), ("k4", 189.0, 168.0),
    ("q1", 328.0, 218.6), ("q2", 465.0, 268.4), ("q3", 593.0, 315.0),
    ("c0", 603.5, 286.5), ("q4", 615.0, 255.0), ("q5", 548.0, 230.6), ("q6", 340.0, 154.9),
    ("k5", 346.0, 141.0), ("k6", 450.0, 150.0), ("k7", 556.0, 151.0),
    ("h0", 684.0, 159.0), ("v0", 775.0, 168.0), ("u0", 868.0, 181.0), ("k8", 1000.0, 205.0),
    // Canal between basin and Fleet.
    ("c1", 612.0, 379.0), ("c2", 631.0, 378.0), ("f5", 621.8, 412.0), ("f6", 640.5, 411.0),
    // Banks of the Fleet.
    ("fs0", 0.0, 334.0), ("fs1", 118.0, 361.0), ("fs2", 300.0, 399.0), ("fs3", 430.0, 411.0),
    ("fs6", 690.0, 403.0), ("fs8", 861.0, 393.0), ("fs9", 1000.0, 404.0),
    ("fn0", 0.0, 356.0), ("fn1", 118.0, 383.0), ("fn2", 300.0, 421.0), ("fn3", 430.0, 433.0), ("fn5", 590.0, 435.0),
    ("fn6", 690.0, 425.0), ("fn8", 860.0, 415.0), ("fn9", 1000.0, 426.0),
    // South of the Fleet.
    ("s0", 0.0, 300.0), ("s1", 118.0, 326.0), ("s2", 300.0, 364.0), ("s3", 430.0, 377.0),
    ("a0", 0.0, 212.0), ("a1", 128.0, 222.0), ("a2", 222.0, 250.0), ("a3", 312.0, 290.0),
    ("h1", 688.0, 270.0), ("h2", 690.0, 370.0), ("e2", 780.0, 280.0), ("e3", 868.0, 292.0), ("e4", 1000.0, 305.0),
    ("v2", 778.0, 366.0), ("u2", 862.0, 363.0), ("e5", 1000.0, 372.0),
    // North of the Fleet: Teebrook (t), Breite Straße (b), Böttcherstraße (m), Wallring (r), Am Wall (p),
    // Geeststraße (n), northern edge (x).
    ("t0", 0.0, 390.0), ("t1", 118.0, 417.0), ("t2", 205.0, 435.0), ("t3", 300.0, 455.0), ("l1", 362.0, 461.0),
    ("t4", 430.0, 467.0), ("t5", 510.0, 469.0), ("t6", 600.0, 467.0), ("t7", 690.0, 460.0), ("t75", 780.0, 454.0),
    ("t8", 860.0, 449.0), ("t9", 1000.0, 460.0),
    ("b0", 0.0, 495.0), ("b1", 108.0, 520.0), ("b2", 200.0, 548.0), ("b3", 296.0, 566.0), ("l2", 352.0, 572.0),
    ("b4", 408.0, 578.0), ("b5", 505.0, 583.0), ("b6", 600.0, 583.0), ("b7", 695.0, 578.0), ("b8", 790.0, 566.0),
    ("b9", 885.0, 548.0), ("b10", 1000.0, 520.0),
    ("m3", 290.0, 640.0), ("m4", 395.0, 656.0), ("m5", 503.0, 662.0), ("m6", 606.0, 661.0), ("m7", 705.0, 652.0),
    ("m8", 803.0, 632.0),
    ("r0", 0.0, 598.0), ("r1", 100.0, 640.0), ("r2", 190.0, 685.0), ("r3", 283.0, 718.0), ("r4", 390.0, 737.0),
    ("r5", 500.0, 745.0), ("r6", 610.0, 743.0), ("r7", 715.0, 731.0), ("r8", 815.0, 708.0), ("r9", 905.0, 676.0),
    ("r10", 1000.0, 628.0),
    ("p0", 0.0, 668.0), ("p1", 88.0, 712.0), ("p2", 172.0, 756.0), ("p3", 268.0, 790.0), ("p4", 380.0, 811.0),
    ("p5", 498.0, 820.0), ("p6", 620.0, 816.0), ("p7", 733.0, 800.0), ("p8", 838.0, 773.0), ("p9", 930.0, 740.0),
    ("p10", 1000.0, 705.0),
    ("n0", 0.0, 840.0), ("n1", 72.0, 862.0), ("n3", 257.0, 893.0), ("n4", 380.0, 907.0), ("n5", 504.0, 911.0),
    ("n6", 627.0, 907.0), ("n7", 750.0, 895.0), ("n8", 850.0, 876.0), ("n9", 948.0, 850.0), ("n10", 1000.0, 830.0),
    ("x1", 60.0, 1000.0), ("x3", 250.0, 1000.0), ("x4", 380.0, 1000.0), ("x5", 510.0, 1000.0), ("x6", 637.0, 1000.0),
    ("x7", 765.0, 1000.0), ("x9", 960.0, 1000.0),
];

#[rustfmt::skip]
const STREETS: &[(&str, Class, &str)] = &[
    // Banks.
    ("Kaiwiese", Class::Bank, "k0 k1 k2 k3"),
    ("Sandkai", Class::Quay, "k3 k4 q1 q2 q3"),
    ("Sandkai", Class::Quay, "q3 c1"),
    ("Am Kornkai", Class::CanalWall, "c1 f5"),
    ("Schleusenkai", Class::Quay, "c2 c0"),
    ("Schleusenkai", Class::Quay, "c0 q4"),
    ("Höftkai", Class::Quay, "q4 q5 q6"),
    ("Höftkai", Class::Quay, "q6 k5"),
    ("Tidekai", Class::Quay, "k5 k6 k7 h0 v0 u0 k8"),
    ("Fleetufer", Class::CanalWalk, "c2 f6"),
    ("Kehrfleet", Class::CanalWall, "fs0 fs1 fs2 fs3 f5"),
    ("Fleetufer", Class::CanalWalk, "f6 fs6 fs8 fs9"),
    ("Kehrfleet", Class::CanalWall, "fn0 fn1 fn2 fn3 fn5 fn6"),
    ("Fleetufer", Class::CanalWalk, "fn6 fn8 fn9"),
    // Bridges.
    ("Mattenbrücke", Class::Bridge, "fs1 fn1"),
    ("Speicherbrücke", Class::Bridge, "fs2 fn2"),
    ("Kornsteg", Class::FootBridge, "fs3 fn3"),
    ("Schleusenbrücke", Class::Bridge, "c1 c2"),
    ("Hafenbrücke", Class::Bridge, "fs6 fn6"),
    ("Kranbrücke", Class::Bridge, "fs8 fn8"),
    // South of the Fleet.
    ("Am Kornkai", Class::Brook, "s0 s1 s2 s3 c1"),
    ("Fleetstraße", Class::Residential, "c2 h2 v2 u2 e5"),
    ("Schuppenweg", Class::Residential, "a0 a1"),
    ("Lagerweg", Class::Residential, "s1 a1"),
    ("Sandtor", Class::Residential, "a1 a2 a3"),
    ("Kaitreppe", Class::Foot, "a1 k4"),
    ("Speicherstraße", Class::Residential, "s2 a3 q1"),
    ("Kaigang", Class::Foot, "s3 q2"),
    ("Lotsengang", Class::Foot, "k7 q5"),
    ("Lotsenweg", Class::Residential, "q4 h1"),
    ("Hafenallee", Class::Avenue, "h0 h1 h2 fs6"),
    ("Reepkai", Class::Residential, "h1 e2 e3 e4"),
    ("Taustraße", Class::Residential, "v0 e2 v2"),
    ("Kranstraße", Class::Residential, "u0 e3 u2 fs8"),
    ("Mattenstraße", Class::Residential, "s1 fs1"),
    ("Speicherstraße", Class::Residential, "s2 fs2"),
    ("Kornsteg", Class::Foot, "s3 fs3"),
    // North of the Fleet.
    ("Mattenstraße", Class::Residential, "fn1 t1 b1 r1 p1 n1 x1"),
    ("Speicherstraße", Class::Residential, "fn2 t3 b3 m3 r3 p3 n3 x3"),
    ("Kornsteg", Class::Foot, "fn3 t4"),
    ("Hafenallee", Class::Avenue, "fn6 t7 b7 m7 r7 p7 n7 x7"),
    ("Kranstraße", Class::Residential, "fn8 t8 b9 r9 p9 n9 x9"),
    ("Teebrook", Class::Brook, "t0 t1 t2 t3 l1 t4 t5 t6 t7"),
    ("Teebrook", Class::Residential, "t7 t75 t8 t9"),
    ("Breite Straße", Class::Residential, "b0 b1 b2 b3 l2 b4 b5 b6 b7 b8 b9 b10"),
    ("Färbertwiete", Class::Lane, "t2 b2"),
    ("Kattentwiete", Class::Lane, "l1 l2"),
    ("Marktstraße", Class::Lane, "t4 b4"),
    ("Böttcherstraße", Class::Residential, "m3 m4 m5 m6 m7 m8"),
    ("Am Markt", Class::Residential, "t5 b5"),
    ("Kirchenstraße", Class::Residential, "t6 b6"),
    ("Reifertwiete", Class::Lane, "t75 b8"),
    ("Küperstraße", Class::Residential, "b2 r2"),
    ("Marktstraße", Class::Residential, "b4 m4 r4"),
    ("Rathausstraße", Class::Residential, "b5 m5 r5"),
    ("Kirchenstraße", Class::Residential, "b6 m6 r6"),
    ("Segelmacherstraße", Class::Residential, "b8 m8 r8"),
    ("Wallring", Class::Primary, "r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10"),
    ("Wallgang", Class::Foot, "r5 p5"),
    ("Am Wall", Class::Residential, "p0 p1 p2 p3 p4 p5 p6 p7 p8 p9 p10"),
    ("Geeststraße", Class::Residential, "n0 n1 n3 n4 n5 n6 n7 n8 n9 n10"),
    ("Schulweg", Class::Residential, "p4 n4 x4"),
    ("Lindenstieg", Class::Residential, "p5 n5 x5"),
    ("Gartenstraße", Class::Residential, "p6 n6 x6"),
];

/// A place inside each block, and what stands there.
#[rustfmt::skip]
const BLOCKS: &[(f64, f64, Kind)] = &[
    (500.0, 60.0, Kind::Water), (60.0, 358.0, Kind::Water), (200.0, 390.0, Kind::Water), (360.0, 415.0, Kind::Water),
    (500.0, 423.0, Kind::Water), (780.0, 408.0, Kind::Water), (950.0, 412.0, Kind::Water),
    (60.0, 170.0, Kind::Park), (60.0, 260.0, Kind::Sheds), (210.0, 300.0, Kind::Modern), (230.0, 220.0, Kind::Points),
    (380.0, 310.0, Kind::Modern), (540.0, 340.0, Kind::Site), (500.0, 185.0, Kind::Pier), (620.0, 200.0, Kind::Court),
    (655.0, 310.0, Kind::Court), (730.0, 320.0, Kind::Modern), (730.0, 220.0, Kind::Modern),
    (820.0, 325.0, Kind::Modern), (820.0, 230.0, Kind::Modern), (930.0, 240.0, Kind::Towers),
    (930.0, 335.0, Kind::Points),
    (60.0, 330.0, Kind::Warehouse), (210.0, 362.0, Kind::Warehouse), (365.0, 390.0, Kind::Warehouse),
    (520.0, 395.0, Kind::Warehouse), (60.0, 390.0, Kind::Warehouse), (210.0, 420.0, Kind::Warehouse),
    (365.0, 445.0, Kind::Warehouse), (520.0, 450.0, Kind::Warehouse),
    (660.0, 390.0, Kind::Strip), (780.0, 382.0, Kind::Strip), (930.0, 383.0, Kind::Strip),
    (780.0, 435.0, Kind::Strip), (930.0, 438.0, Kind::Strip),
    (60.0, 455.0, Kind::Tenement), (155.0, 480.0, Kind::OldTown), (250.0, 500.0, Kind::OldTown),
    (330.0, 515.0, Kind::OldTown), (390.0, 520.0, Kind::OldTown), (460.0, 525.0, Kind::OldTown),
    (550.0, 525.0, Kind::Market), (645.0, 525.0, Kind::Church), (740.0, 515.0, Kind::OldTown),
    (825.0, 510.0, Kind::Tenement), (935.0, 490.0, Kind::Tenement),
    (50.0, 565.0, Kind::Tenement), (150.0, 600.0, Kind::Tenement), (245.0, 630.0, Kind::Tenement),
    (345.0, 610.0, Kind::Tenement), (450.0, 620.0, Kind::Tenement), (550.0, 620.0, Kind::Tenement),
    (650.0, 620.0, Kind::Tenement), (745.0, 610.0, Kind::Tenement), (340.0, 690.0, Kind::Tenement),
    (445.0, 700.0, Kind::Tenement), (555.0, 700.0, Kind::Tenement), (655.0, 700.0, Kind::Tenement),
    (755.0, 680.0, Kind::Tenement), (845.0, 620.0, Kind::Tenement), (945.0, 590.0, Kind::Tenement),
    (45.0, 655.0, Kind::Park), (180.0, 715.0, Kind::Park), (400.0, 775.0, Kind::Park), (600.0, 780.0, Kind::Park),
    (820.0, 740.0, Kind::Park), (955.0, 690.0, Kind::Park),
    (40.0, 770.0, Kind::Villas), (170.0, 820.0, Kind::Slabs), (320.0, 850.0, Kind::School),
    (440.0, 860.0, Kind::Terraces), (560.0, 860.0, Kind::Tenement), (680.0, 855.0, Kind::Tenement),
    (840.0, 820.0, Kind::Towers), (970.0, 780.0, Kind::Villas),
    (30.0, 930.0, Kind::Villas), (160.0, 940.0, Kind::Terraces), (315.0, 950.0, Kind::Villas),
    (445.0, 955.0, Kind::Terraces), (570.0, 955.0, Kind::Slabs), (695.0, 950.0, Kind::Slabs),
    (850.0, 940.0, Kind::Villas), (980.0, 920.0, Kind::Villas),
];

/// Pond of the park on the former rampart, counter-clockwise.
pub(super) const POND: &[P2] = &[
    [534.0, 777.0],
    [556.0, 770.0],
    [590.0, 769.0],
    [622.0, 768.0],
    [654.0, 762.0],
    [676.0, 760.0],
    [688.0, 766.0],
    [684.0, 776.0],
    [660.0, 783.0],
    [632.0, 788.0],
    [600.0, 789.0],
    [572.0, 792.0],
    [546.0, 790.0],
];

/// Footpaths that bound no block: through the park on the rampart, around its pond, across the meadow at the river.
#[rustfmt::skip]
pub(super) const WALKS: &[(&str, &[P2])] = &[
    ("Wallpromenade", &[
        [0.0, 630.0], [45.0, 655.0], [95.0, 678.0], [140.0, 704.0], [180.0, 727.0], [225.0, 741.0], [275.0, 755.0],
        [325.0, 772.0], [380.0, 781.0], [430.0, 775.0], [499.0, 783.0], [526.0, 764.0], [580.0, 762.0], [640.0, 759.0],
        [690.0, 755.0], [724.0, 765.0], [770.0, 762.0], [815.0, 740.0], [860.0, 727.0], [917.0, 708.0], [960.0, 684.0],
        [1000.0, 662.0],
    ]),
    ("Am Wallteich", &[[499.0, 783.0], [530.0, 797.0], [575.0, 800.0], [625.0, 796.0], [665.0, 790.0], [695.0, 777.0], [690.0, 755.0]]),
    ("Rampartweg", &[[325.0, 772.0], [345.0, 752.0], [395.0, 757.0], [430.0, 775.0]]),
    ("Kaiwiese", &[[64.0, 217.0], [58.0, 190.0], [85.0, 165.0], [130.0, 160.0], [158.0, 195.0]]),
];

/// Middle line of the Fleet.
pub(super) const FLEET: &[P2] = &[
    [0.0, 345.0],
    [118.0, 372.0],
    [300.0, 410.0],
    [430.0, 422.0],
    [590.0, 424.0],
    [690.0, 414.0],
    [860.0, 404.0],
    [1000.0, 415.0],
];

/// A named line of the plan.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// Name for people.
    pub name: &'static str,
    /// What it is.
    pub class: Class,
    /// Positions in `Plan::nodes`.
    pub nodes: Vec<usize>,
}

/// A face of the graph.
#[derive(Clone, Debug)]
pub(super) struct Face {
    /// Corners as positions in `Plan::nodes`, counter-clockwise.
    pub nodes: Vec<usize>,
    /// Line of the edge that starts at each corner, in `Plan::lines`.
    pub lines: Vec<usize>,
    /// What stands there.
    pub kind: Kind,
}

/// The plan as a graph with faces.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// Places in the quarter's own metres.
    pub nodes: Vec<P2>,
    /// Streets, banks and borders.
    pub lines: Vec<Line>,
    /// Blocks and waters.
    pub faces: Vec<Face>,
}

impl Plan {
    /// The plan of the quarter.
    pub fn new() -> Self {
        let index: BTreeMap<&str, usize> =
            NODES.iter().enumerate().map(|(i, n)| (n.0, i)).collect();
        let nodes: Vec<P2> = NODES.iter().map(|n| [n.1, n.2]).collect();
        let mut lines: Vec<Line> = STREETS
            .iter()
            .map(|&(name, class, path)| Line {
                name,
                class,
                nodes: path.split(' ').map(|id| index[id]).collect(),
            })
            .collect();
        for (side, (axis, at)) in [(1, 0.0), (0, SIZE), (1, SIZE), (0, 0.0)]
            .into_iter()
            .enumerate()
        {
            let mut on_side: Vec<usize> =
                (0..nodes.len()).filter(|&i| nodes[i][axis] == at).collect();
            on_side.sort_by(|&i, &j| nodes[i][1 - axis].total_cmp(&nodes[j][1 - axis]));
            if side >= 2 {
                on_side.reverse();
            }
            lines.push(Line {
                name: "",
                class: Class::Border,
                nodes: on_side,
            });
        }
        let faces = faces(&nodes, &lines);
        Self {
            nodes,
            lines,
            faces,
        }
    }

    /// Corners of a face.
    pub fn ring(&self, face: &Face) -> Vec<P2> {
        face.nodes.iter().map(|&i| self.nodes[i]).collect()
    }

    /// Edges along water, with whether they slope.
    pub fn banks(&self) -> Vec<(P2, P2, Class)> {
        self.lines
            .iter()
            .filter(|l| l.class.is_bank())
            .flat_map(|l| {
                l.nodes
                    .windows(2)
                    .map(|w| (self.nodes[w[0]], self.nodes[w[1]], l.class))
            })
            .collect()
    }

    /// Rings of all waters but the pond.
    pub fn waters(&self) -> Vec<Vec<P2>> {
        self.faces
            .iter()
            .filter(|f| f.kind == Kind::Water)
            .map(|f| self.ring(f))
            .collect()
    }
}

/// Inner faces of the plane graph: from each edge on, always the next one clockwise about the corner reached.
fn faces(nodes: &[P2], lines: &[Line]) -> Vec<Face> {
    // Neighbours of each node with the line between, sorted by angle.
    let mut around: Vec<Vec<(usize, usize)>> = vec![Vec::new(); nodes.len()];
    for (l, line) in lines.iter().enumerate() {
        for pair in line.nodes.windows(2) {
            around[pair[0]].push((pair[1], l));
            around[pair[1]].push((pair[0], l));
        }
    }
    for (i, neighbours) in around.iter_mut().enumerate() {
        let angle = |j: usize| {
            let d = sub(nodes[j], nodes[i]);
            d[1].atan2(d[0])
        };
        neighbours.sort_by(|a, b| angle(a.0).total_cmp(&angle(b.0)));
    }
    let mut seen: BTreeMap<(usize, usize), bool> = BTreeMap::new();
    let mut found = Vec::new();
    for start in 0..nodes.len() {
        for &(first, first_line) in &around[start] {
            if seen.contains_key(&(start, first)) {
                continue;
            }
            let (mut ring, mut ring_lines) = (Vec::new(), Vec::new());
            let (mut from, mut to, mut line) = (start, first, first_line);
            while seen.insert((from, to), true).is_none() {
                ring.push(from);
                ring_lines.push(line);
                let neighbours = &around[to];
                let back = neighbours.iter().position(|n| n.0 == from).unwrap_or(0);
                let (next, next_line) =
                    neighbours[(back + neighbours.len() - 1) % neighbours.len()];
                (from, to, line) = (to, next, next_line);
            }
            let corners: Vec<P2> = ring.iter().map(|&i| nodes[i]).collect();
            if area(&corners) > 0.0 {
                let kind = BLOCKS
                    .iter()
                    .find(|b| contains(&corners, [b.0, b.1]))
                    .map_or(Kind::Park, |b| b.2);
                found.push(Face {
                    nodes: ring,
                    lines: ring_lines,
                    kind,
                });
            }
        }
    }
    found
}

/// Where a copy of the quarter lies: every second one is mirrored, so that streets, banks and heights meet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// South-western corner (easting, northing).
    pub origin: P2,
    /// Mirrored in east, in north.
    pub mirrored: [bool; 2],
}

impl Place {
    /// CRS coordinates of a place of the plan.
    pub fn world(&self, p: P2) -> P2 {
        let at = |k: usize| {
            let x = if self.mirrored[k] { SIZE - p[k] } else { p[k] };
            self.origin[k] + x
        };
        [at(0), at(1)]
    }

    /// Place of the plan at CRS coordinates.
    pub fn plan(&self, p: P2) -> P2 {
        let at = |k: usize| {
            let x = p[k] - self.origin[k];
            if self.mirrored[k] { SIZE - x } else { x }
        };
        [at(0), at(1)]
    }

    /// A direction of the plan in the CRS.
    pub fn turn(&self, u: P2) -> P2 {
        direction(self.world([0.0, 0.0]), self.world(u))
    }

    /// Whether left and right are exchanged.
    pub fn reversed(&self) -> bool {
        self.mirrored[0] != self.mirrored[1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::sample::plane::edges;

    #[test]
    fn blocks_fill_the_quarter_and_each_is_named_once() {
        let plan = Plan::new();
        let total: f64 = plan.faces.iter().map(|f| area(&plan.ring(f))).sum();
        assert!((total - SIZE * SIZE).abs() < 1e-3, "{total}");
        assert_eq!(plan.faces.len(), BLOCKS.len());
        for face in &plan.faces {
            let ring = plan.ring(face);
            let names = BLOCKS
                .iter()
                .filter(|b| contains(&ring, [b.0, b.1]))
                .count();
            assert_eq!(names, 1, "{names} names at {:?}", ring[0]);
        }
    }

    #[test]
    fn lines_meet_in_nodes_only() {
        let plan = Plan::new();
        let all: Vec<(usize, usize)> = plan
            .lines
            .iter()
            .flat_map(|l| l.nodes.windows(2).map(|w| (w[0], w[1])))
            .collect();
        for (i, &(a, b)) in all.iter().enumerate() {
            for &(c, d) in &all[..i] {
                if a == c || a == d || b == c || b == d {
                    continue;
                }
                let p = |k: usize| plan.nodes[k];
                let side =
                    |p: P2, q: P2, r: P2| crate::city::sample::plane::cross(sub(q, p), sub(r, p));
                let crossing = side(p(a), p(b), p(c)) * side(p(a), p(b), p(d)) < 0.0
                    && side(p(c), p(d), p(a)) * side(p(c), p(d), p(b)) < 0.0;
                assert!(
                    !crossing,
                    "{}-{} crosses {}-{}",
                    NODES[a].0, NODES[b].0, NODES[c].0, NODES[d].0
                );
            }
        }
    }

    #[test]
    fn banks_have_water_on_one_side() {
        let plan = Plan::new();
        let waters = plan.waters();
        for (a, b, _) in plan.banks() {
            let touching = waters
                .iter()
                .flat_map(|w| edges(w))
                .filter(|&(p, q)| (p == a && q == b) || (p == b && q == a))
                .count();
            assert_eq!(touching, 1, "{a:?} {b:?}");
        }
    }
}
