//! Verification of the water solver against exact solutions, laboratory measurements and its own promises.
//!
//! | family | reference |
//! |---|---|
//! | dam breaks | Ritter 1892 and Stoker 1957, as collected by SWASHES (Delestre et al. 2013, doi:10.1002/fld.3741) |
//! | smooth wave | simple wave before breaking, by its Riemann invariant; no data needed |
//! | lake at rest | rest, over a bump, turned by 30 degrees, in a city |
//! | bump, channels | steady flow over a bump; channels after MacDonald et al. 1997, without and with rain |
//! | basins | Thacker 1981: planar and radial oscillation in a paraboloid |
//! | sources | rain on a plane and a V-shaped catchment (kinematic wave), Green and Ampt's infiltration, street inlet |
//! | laboratory | run-up at Monai (1:400), dam break against a building (indicative) |
//! | city | synthetic quarter: volume, threads; real terrain of Newcastle; cost of a surge that wets little |
//!
//! One-dimensional cases are strips of three rows, computed along x and along y. A tolerance is the limit of the data's README
//! or twice the error that was seen, whichever is smaller.

mod basin;
mod city;
mod dam_break;
mod flume;
mod lab;
mod lake;
mod reference;
mod smooth;
mod sources;
mod steady;

use std::path::{Path, PathBuf};

use rayon::prelude::*;

pub use self::city::{Buildings, Quarter};
use self::flume::Health;
use super::Case;
pub use super::Effort;
use super::chart::{Figure, Panel};

const DOMAIN: &str = "flood";

/// Rows of a family, and the health of its runs.
#[derive(Default)]
struct Sheet {
    cases: Vec<Case>,
    health: Health,
    figures: Vec<Figure>,
}

impl Sheet {
    fn at_most(&mut self, id: &str, metric: &str, got: f64, limit: f64, source: &str) {
        self.number(id, metric, 0.0, got, limit, source);
    }

    fn at_least(&mut self, id: &str, metric: &str, got: f64, limit: f64, source: &str) {
        self.cases
            .push(Case::at_least(DOMAIN, id, metric, limit, got, source));
    }

    /// Adds a panel to the last figure.
    fn panel(&mut self, panel: Panel) {
        if let Some(figure) = self.figures.last_mut() {
            figure.panels.push(panel);
        }
    }

    /// Begins a figure.
    fn figure(
        &mut self,
        name: &'static str,
        title: &'static str,
        source: &'static str,
        columns: usize,
    ) {
        self.figures.push(Figure {
            name,
            title,
            source,
            columns,
            panels: Vec::new(),
        });
    }

    fn indicative(&mut self, id: &str, metric: &str, expected: f64, got: f64, source: &str) {
        self.cases
            .push(Case::indicative(DOMAIN, id, metric, expected, got, source));
    }

    fn number(
        &mut self,
        id: &str,
        metric: &str,
        expected: f64,
        got: f64,
        tolerance: f64,
        source: &str,
    ) {
        self.cases.push(Case::number(
            DOMAIN, id, metric, expected, got, tolerance, source,
        ));
    }
}

/// A family of cases.
struct Family {
    name: &'static str,
    /// Folder in `data/flood`; `None` when no data are needed.
    data: Option<&'static str>,
    run: fn(&Path, Effort, &mut Sheet) -> Result<(), String>,
}

const FAMILIES: &[Family] = &[
    Family {
        name: "dam-break",
        data: Some("analytic"),
        run: dam_break::cases,
    },
    Family {
        name: "smooth-wave",
        data: None,
        run: smooth::cases,
    },
    Family {
        name: "lake",
        data: Some("analytic"),
        run: lake::cases,
    },
    Family {
        name: "lake-in-city",
        data: None,
        run: city::lake,
    },
    Family {
        name: "steady",
        data: Some("analytic"),
        run: steady::cases,
    },
    Family {
        name: "basin",
        data: Some("analytic"),
        run: basin::cases,
    },
    Family {
        name: "sources",
        data: Some("analytic"),
        run: sources::cases,
    },
    Family {
        name: "city",
        data: Some("city_case"),
        run: city::rain,
    },
    Family {
        name: "newcastle",
        data: Some("newcastle"),
        run: city::newcastle,
    },
    Family {
        name: "surge",
        data: None,
        run: city::surge,
    },
    Family {
        name: "monai",
        data: Some("monai"),
        run: lab::monai,
    },
    Family {
        name: "obstacle",
        data: Some("isolated_obstacle"),
        run: lab::obstacle,
    },
];

/// Names of the families.
pub fn families() -> impl Iterator<Item = &'static str> {
    FAMILIES.iter().map(|family| family.name)
}

/// All cases of the domain `flood`.
pub fn cases(data: Option<&Path>) -> Vec<Case> {
    cases_and_figures(data, None).0
}

/// The cases of one family or of all, and pictures of computed curves beside their references.
pub fn cases_and_figures(data: Option<&Path>, family: Option<&str>) -> (Vec<Case>, Vec<Figure>) {
    let flood = data.map(|d| d.join("flood"));
    let chosen = |name: &str| family.is_none_or(|family| family == name);
    let sheets: Vec<Sheet> = FAMILIES
        .par_iter()
        .filter(|family| chosen(family.name))
        .map(|family| sheet(family, flood.as_deref(), Effort::Full))
        .collect();
    let figures = sheets.iter().flat_map(|s| s.figures.clone()).collect();
    (together(sheets, family.unwrap_or("all")), figures)
}

/// The cases of one family, and what holds for all its runs; none for an unknown name.
pub fn family_cases(name: &str, data: Option<&Path>, effort: Effort) -> Vec<Case> {
    let flood = data.map(|d| d.join("flood"));
    let family = FAMILIES.iter().filter(|family| family.name == name);
    let sheets = family.map(|family| sheet(family, flood.as_deref(), effort));
    together(sheets.collect(), name)
}

fn together(sheets: Vec<Sheet>, name: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut health = Health::default();
    for sheet in sheets {
        cases.extend(sheet.cases);
        health.add(&sheet.health);
    }
    if health.runs() > 0 {
        let source = format!(
            "conservation and positivity, all {} runs above",
            health.runs()
        );
        let id = |what: &str| format!("{name}/{what}");
        let mut sheet = Sheet::default();
        sheet.at_most(
            &id("volume"),
            "largest error of volume, relative",
            health.volume_error(),
            1e-12,
            &source,
        );
        sheet.at_least(
            &id("positive"),
            "smallest depth, m",
            health.lowest_depth_m(),
            0.0,
            &source,
        );
        sheet.at_most(
            &id("finite"),
            "cells with a value that is no number",
            health.not_finite() as f64,
            0.0,
            &source,
        );
        cases.extend(sheet.cases);
    }
    cases
}

fn sheet(family: &Family, flood: Option<&Path>, effort: Effort) -> Sheet {
    let mut sheet = Sheet::default();
    let folder = match (family.data, flood) {
        (None, _) => PathBuf::new(),
        (Some(name), Some(flood)) if flood.join(name).is_dir() => flood.join(name),
        (Some(name), _) => {
            let source = format!("data/flood/{name}");
            sheet
                .cases
                .push(Case::skipped(DOMAIN, family.name, &source));
            return sheet;
        }
    };
    if let Err(fault) = (family.run)(&folder, effort, &mut sheet) {
        sheet.number(
            family.name,
            "readable reference",
            0.0,
            f64::NAN,
            0.0,
            &fault,
        );
    }
    sheet
}
