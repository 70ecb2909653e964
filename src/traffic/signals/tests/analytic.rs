//! Tables of `analytic/`: intergreen, Webster's cycle, green waves.

use super::*;
use crate::traffic::signals::design::{
    green_split_s, green_wave_s, offset_s, two_way_spacing_m, webster_cycle_s,
};
use crate::traffic::signals::rules::Crossing;

#[test]
fn intergreens_are_those_of_the_table() {
    let Some(folder) = data("intergreens_are_those_of_the_table", "analytic") else {
        return;
    };
    let rows = table(&folder, "intergreen.csv");
    assert_eq!(rows.len(), 5);
    for row in rows {
        let crossing = Crossing {
            overrun_s: number(&row, 1),
            clear_m: number(&row, 2),
            length_m: number(&row, 3),
            clear_m_s: number(&row, 4),
            enter_m: number(&row, 6),
            enter_m_s: number(&row, 7),
        };
        assert!(
            (crossing.exact_s() - number(&row, 9)).abs() < 1e-4,
            "{row:?}"
        );
        assert!(
            (crossing.intergreen_s() - number(&row, 10)).abs() < 1e-9,
            "{row:?}"
        );
    }
}

#[test]
fn cycles_and_green_waves_are_those_of_the_tables() {
    let Some(folder) = data("cycles_and_green_waves_are_those_of_the_tables", "analytic") else {
        return;
    };
    for row in table(&folder, "webster_cycle.csv") {
        let cycle = webster_cycle_s(number(&row, 0), number(&row, 1));
        assert!((cycle - number(&row, 2)).abs() < 1e-3, "{row:?}");
    }
    for row in table(&folder, "green_wave.csv") {
        let offset = offset_s(number(&row, 2), number(&row, 0), number(&row, 1));
        assert!((offset - number(&row, 3)).abs() < 1e-3, "{row:?}");
    }
    for row in table(&folder, "green_wave_twoway_spacing.csv") {
        let spacing = two_way_spacing_m(number(&row, 0), number(&row, 1));
        assert!((spacing - number(&row, 2)).abs() < 1e-3, "{row:?}");
    }
}

#[test]
fn green_wave_lets_a_platoon_through() {
    let (speed, cycle) = (13.89, 75.0);
    let positions = [0.0, 310.0, 540.0, 1200.0];
    for (position, offset) in positions.iter().zip(green_wave_s(&positions, speed, cycle)) {
        // Who passes the first line at the begin of green comes to each line at a begin of green.
        let into: f64 = (position / speed - offset).rem_euclid(cycle);
        assert!(into.min(cycle - into) < 1e-6);
    }
}

#[test]
fn greens_fill_the_cycle_in_proportion_and_never_fall_below_the_least() {
    assert_eq!(
        green_split_s(60.0, &[0.3, 0.2, 0.1], &[5.0; 3]),
        [30.0, 20.0, 10.0]
    );
    assert_eq!(
        green_split_s(60.0, &[0.5, 0.5, 0.01], &[10.0; 3]),
        [25.0, 25.0, 10.0]
    );
    for case in 0..200u64 {
        let draw = |what| f64::from(crate::traffic::random::uniform(5, case, 0, what));
        let count = 1 + (draw(0) * 5.0) as usize;
        let ratios: Vec<f64> = (0..count as u64).map(|i| draw(1 + i)).collect();
        let total = (10.0 * count as f64 + draw(90) * 60.0).floor();
        let greens = green_split_s(total, &ratios, &vec![10.0; count]);
        assert!(
            (greens.iter().sum::<f64>() - total).abs() < 1e-9,
            "{ratios:?} {greens:?}"
        );
        assert!(
            greens.iter().all(|&green| green >= 10.0),
            "{ratios:?} {greens:?}"
        );
    }
}
