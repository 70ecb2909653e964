use super::*;

/// Numbers in (-1, 1) that look random.
fn noise(seed: u64, count: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    };
    (0..8).for_each(|_| {
        next();
    });
    (0..count).map(|_| next()).collect()
}

fn faces([nx, ny, nz]: [usize; 3], share: impl Fn(usize) -> u8) -> [Vec<u8>; 3] {
    let count = [(nx + 1) * ny * nz, nx * (ny + 1) * nz, nx * ny * (nz + 1)];
    count.map(|n| (0..n).map(&share).collect())
}

const OPEN: [Side; 6] = {
    use Side::{Open, Wall};
    [Open, Open, Open, Open, Wall, Open]
};

fn shape(cells: [usize; 3], growth: f64) -> Shape {
    Shape {
        cells,
        dx_m: 2.0,
        dz_m: (0..cells[2]).map(|k| growth.powi(k as i32)).collect(),
    }
}

/// Blocks of random height on a third of the ground.
fn town([nx, ny, nz]: [usize; 3]) -> [Vec<u8>; 3] {
    let (bx, by) = (nx.div_ceil(6), ny.div_ceil(6));
    let heights = noise(5, bx * by);
    let solid = |i: usize, j: usize, k: usize| {
        let built = i % 6 < 4 && j % 6 < 3;
        let tall = 0.5 + 0.5 * heights[j / 6 * bx + i / 6];
        built && (k as f32) < 0.6 * nz as f32 * tall
    };
    let mut open = faces([nx, ny, nz], |_| 255);
    for k in 0..nz {
        for j in 0..ny {
            for i in 0..nx {
                if solid(i, j, k) {
                    for n in 0..2 {
                        open[0][(k * ny + j) * (nx + 1) + i + n] = 0;
                        open[1][(k * (ny + 1) + j + n) * nx + i] = 0;
                        open[2][((k + n) * ny + j) * nx + i] = 0;
                    }
                }
            }
        }
    }
    open
}

/// The operator by its definition, in f64.
fn by_definition(shape: &Shape, open: &[Vec<u8>; 3], x: &[f32]) -> Vec<f32> {
    let [nx, ny, nz] = shape.cells;
    let dx = shape.dx_m;
    let at = |i: usize, j: usize, k: usize| (k * ny + j) * nx + i;
    let mut out = vec![0.0; x.len()];
    for k in 0..nz {
        for j in 0..ny {
            for i in 0..nx {
                let here = f64::from(x[at(i, j, k)]);
                let mut sum = 0.0;
                let mut face =
                    |axis: usize, face: usize, area: f64, distance: f64, other: Option<usize>| {
                        let share = f64::from(open[axis][face]) / 255.0;
                        let (there, distance) = match other {
                            Some(cell) => (f64::from(x[cell]), distance),
                            None => (0.0, 0.5 * distance),
                        };
                        sum += share * area / distance * (there - here);
                    };
                let dz = shape.dz_m[k];
                let side = dx * dz;
                let row = (k * ny + j) * (nx + 1);
                face(0, row + i, side, dx, (i > 0).then(|| at(i - 1, j, k)));
                face(
                    0,
                    row + i + 1,
                    side,
                    dx,
                    (i + 1 < nx).then(|| at(i + 1, j, k)),
                );
                let row = (k * (ny + 1) + j) * nx + i;
                face(1, row, side, dx, (j > 0).then(|| at(i, j - 1, k)));
                face(1, row + nx, side, dx, (j + 1 < ny).then(|| at(i, j + 1, k)));
                if k > 0 {
                    let distance = 0.5 * (dz + shape.dz_m[k - 1]);
                    face(2, at(i, j, k), dx * dx, distance, Some(at(i, j, k - 1)));
                }
                let above = shape.dz_m.get(k + 1);
                let distance = above.map_or(dz, |above| 0.5 * (dz + above));
                face(
                    2,
                    at(i, j, k + 1),
                    dx * dx,
                    distance,
                    above.map(|_| at(i, j, k + 1)),
                );
                out[at(i, j, k)] = sum as f32;
            }
        }
    }
    out
}

fn error_of(shape: &Shape, open: &[Vec<u8>; 3], tolerance: f32) -> (f64, Solved) {
    let count: usize = shape.cells.iter().product();
    let want = noise(3, count);
    // Solid cells keep 0.
    let mut solver = Poisson::new(shape, open, OPEN);
    let touched = by_definition(shape, open, &want);
    let want: Vec<f32> = want
        .iter()
        .enumerate()
        .map(|(c, &x)| if is_closed(shape, open, c) { 0.0 } else { x })
        .collect();
    assert_eq!(touched.len(), want.len());
    let rhs = by_definition(shape, open, &want);
    let mut got = vec![0.0; count];
    let solved = solver.solve(&rhs, &mut got, tolerance, 60);
    let square = |x: &mut dyn Iterator<Item = f64>| x.map(|x| x * x).sum::<f64>();
    let difference = square(&mut got.iter().zip(&want).map(|(a, b)| f64::from(a - b)));
    let all = square(&mut want.iter().map(|&x| f64::from(x)));
    ((difference / all).sqrt(), solved)
}

fn is_closed(shape: &Shape, open: &[Vec<u8>; 3], cell: usize) -> bool {
    let [nx, ny, _] = shape.cells;
    let (i, j, k) = (cell % nx, cell / nx % ny, cell / (nx * ny));
    let x = (k * ny + j) * (nx + 1) + i;
    let y = (k * (ny + 1) + j) * nx + i;
    // The bottom is a wall.
    let below = k > 0 && open[2][cell] > 0;
    let faces = [
        open[0][x],
        open[0][x + 1],
        open[1][y],
        open[1][y + nx],
        open[2][cell + nx * ny],
    ];
    faces.iter().all(|&f| f == 0) && !below
}

#[test]
fn known_solutions_come_back_on_all_kinds_of_grids() {
    let cases = [
        ("empty", [24, 20, 16], 1.0, faces([24, 20, 16], |_| 255)),
        ("odd", [37, 51, 19], 1.1, faces([37, 51, 19], |_| 255)),
        (
            "flat cells",
            [20, 20, 12],
            1.0,
            faces([20, 20, 12], |_| 255),
        ),
        (
            "thick layers above",
            [20, 20, 14],
            1.5,
            faces([20, 20, 14], |_| 255),
        ),
        ("town", [48, 42, 24], 1.0, town([48, 42, 24])),
        (
            "random shares",
            [19, 23, 11],
            1.2,
            faces([19, 23, 11], |n| 60 + (n * 7919 % 196) as u8),
        ),
        ("one layer", [30, 17, 1], 1.0, faces([30, 17, 1], |_| 255)),
        ("one column", [1, 1, 20], 1.0, faces([1, 1, 20], |_| 255)),
        ("one cell", [1, 1, 1], 1.0, faces([1, 1, 1], |_| 255)),
    ];
    for (name, cells, growth, open) in cases {
        let (error, solved) = error_of(&shape(cells, growth), &open, 1e-6);
        assert!(error < 2e-5, "{name}: {error} {solved:?}");
        assert!(solved.iterations <= 14, "{name}: {solved:?}");
    }
}

#[test]
fn a_v_cycle_is_symmetric() {
    let cells = [23, 18, 9];
    let (shape, open) = (shape(cells, 1.1), town(cells));
    let mut solver = Poisson::new(&shape, &open, OPEN);
    let count: usize = cells.iter().product();
    let fluid = |x: Vec<f32>| -> Vec<f32> {
        let cells = x.into_iter().enumerate();
        cells
            .map(|(c, x)| if is_closed(&shape, &open, c) { 0.0 } else { x })
            .collect()
    };
    let (a, b) = (fluid(noise(1, count)), fluid(noise(2, count)));
    let (mut of_a, mut of_b) = (vec![0.0; count], vec![0.0; count]);
    solver.v_cycle(&a, &mut of_a);
    solver.v_cycle(&b, &mut of_b);
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter()
            .zip(b)
            .map(|(a, b)| f64::from(*a) * f64::from(*b))
            .sum()
    };
    let (ab, ba) = (dot(&of_a, &b), dot(&of_b, &a));
    let size = (dot(&of_a, &of_a) * dot(&b, &b)).sqrt();
    assert!((ab - ba).abs() < 1e-5 * size, "{ab} {ba}");
    assert!(
        dot(&of_a, &a) < 0.0,
        "x is minus the inverse of a positive operator"
    );
}

#[test]
fn a_good_start_needs_fewer_steps_and_threads_change_no_bit() {
    let cells = [40, 36, 20];
    let (shape, open) = (shape(cells, 1.05), town(cells));
    let count: usize = cells.iter().product();
    let rhs = noise(9, count);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let mut solver = Poisson::new(&shape, &open, OPEN);
            let mut x = vec![0.0; count];
            let cold = solver.solve(&rhs, &mut x, 1e-5, 60);
            let warm = solver.solve(&rhs, &mut x, 1e-5, 60);
            (x, cold.iterations, warm.iterations)
        })
    };
    let (x, cold, warm) = run(1);
    assert!(cold > 3 && warm <= 1, "{cold} {warm}");
    for threads in [2, 8] {
        assert_eq!(run(threads).0, x, "{threads} threads");
    }
}

#[test]
fn a_changed_solver_is_a_new_one() {
    let cells = [37, 33, 7];
    let [nx, ny, nz] = cells;
    let (shape, mut open) = (shape(cells, 1.1), town(cells));
    let mut solver = Poisson::new(&shape, &open, OPEN);
    let rhs = noise(9, nx * ny * nz);
    // A column at each side, at corners, and two in the middle.
    for (edit, (i, j)) in [(0, 5), (36, 32), (20, 0), (9, 32), (12, 16), (13, 17)]
        .into_iter()
        .enumerate()
    {
        for k in 0..nz - edit {
            for n in 0..2 {
                open[0][(k * ny + j) * (nx + 1) + i + n] = 100;
                open[1][(k * (ny + 1) + j + n) * nx + i] = 37;
                open[2][((k + n) * ny + j) * nx + i] = 80 + 20 * edit as u8;
            }
        }
        // Faces are told by the columns on both sides of them.
        let mut changed = vec![false; nx * ny];
        let rows = [j.max(1) - 1, j, (j + 1).min(ny - 1)];
        for (i, j) in rows.map(|j| (i, j)) {
            changed[j * nx + i] = true;
        }
        changed[j * nx + i.max(1) - 1] = true;
        changed[j * nx + (i + 1).min(nx - 1)] = true;
        solver.change(&shape, &open, OPEN, &changed);
        let mut new = Poisson::new(&shape, &open, OPEN);
        let (mut a, mut b) = (vec![0.0; rhs.len()], vec![0.0; rhs.len()]);
        let ended = [(&mut solver, &mut a), (&mut new, &mut b)]
            .map(|(solver, x)| solver.solve(&rhs, x, 1e-5, 40));
        assert_eq!(ended[0], ended[1], "edit {edit}");
        assert_eq!(a, b, "edit {edit}");
    }
}
