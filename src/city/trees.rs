//! Single trees from tables (CSV) and from the JSON that the Hamburg street tree model is passed on in.
//!
//! Trees in GeoJSON are read by [`super::geojson`], with the same rules for what a tree is.

use serde_json::Value;

use crate::finding::Finding;
use crate::geo::Crs;

use super::error::{CityError, CityErrorKind};
use super::raw::{Imported, RawTerrain, RawTree};
use super::table::Table;
use super::terrain::HEIGHT_RANGE_M;
use super::terrain_text::{Skipped, place_columns, source_of};
use super::{LayerKind, LayerSource};

/// Height (m) of a tree whose register gives none: the median of 2 110 street trees in the centre of Hamburg is 10.4 m
/// (Strassenbaumkataster 2024).
const ASSUMED_HEIGHT_M: f64 = 10.0;

/// Crown diameter as a part of the height, where none is given: 0.44 is the median of the same trees.
const CROWN_PER_HEIGHT: f64 = 0.44;

/// Plausible heights and crown diameters (m): the tallest tree of Germany is a Douglas fir of 67 m in Freiburg.
const HEIGHTS_M: std::ops::RangeInclusive<f64> = 0.5..=80.0;
const CROWNS_M: std::ops::RangeInclusive<f64> = 0.2..=50.0;

pub(crate) const ID: &[&str] = &[
    "id",
    "baumid",
    "treeid",
    "gmlid",
    "baumnummer",
    "baumnr",
    "uuid",
    "objectid",
    "fid",
];
pub(crate) const FOOT: &[&str] = &[
    "zfootm",
    "zfoot",
    "z",
    "bodenhoehe",
    "bodenhöhe",
    "footheightm",
    "groundheight",
    "elevation",
];
pub(crate) const HEIGHT: &[&str] = &[
    "heightm",
    "height",
    "treeheight",
    "baumhoehe",
    "baumhöhe",
    "hoehe",
    "höhe",
    "hoehem",
    "höhem",
    "h",
];
/// Names that only a tree's height has.
pub(crate) const HEIGHT_OF_TREE: &[&str] = &["treeheight", "baumhoehe", "baumhöhe"];
pub(crate) const CROWN: &[&str] = &[
    "crowndiameterm",
    "crowndiameter",
    "crown",
    "crownm",
    "diametercrown",
    "kronendurchmesser",
    "kronendurchmesserm",
    "kronendmzahl",
    "kronendm",
    "krone",
    "kronenbreite",
];
pub(crate) const GENUS: &[&str] = &[
    "genus",
    "gattung",
    "gattunglatein",
    "gattungdeutsch",
    "baumgattung",
    "species",
    "art",
    "artdeutsch",
    "artlatein",
    "baumart",
    "taxon",
];

/// What was assumed or left out, counted over a file.
#[derive(Default)]
pub(crate) struct TreeTally {
    heights_assumed: u64,
    crowns_assumed: u64,
    implausible: u64,
}

/// What a source says about one tree.
#[derive(Default)]
pub(crate) struct TreeFacts {
    pub(crate) id: Option<String>,
    pub(crate) position: [f64; 2],
    pub(crate) foot_height_m: Option<f64>,
    pub(crate) height_m: Option<f64>,
    pub(crate) crown_diameter_m: Option<f64>,
    pub(crate) genus: Option<String>,
}

impl TreeTally {
    /// A tree from what the source says; missing sizes (and zeros, which registers write for them) are assumed and counted.
    pub(crate) fn tree(&mut self, facts: TreeFacts, number: usize) -> Option<RawTree> {
        let given = |value: Option<f64>| value.filter(|v| *v != 0.0 && !v.is_nan());
        let (height, crown) = (given(facts.height_m), given(facts.crown_diameter_m));
        let implausible = !facts
            .position
            .iter()
            .all(|c| c.is_finite() && c.abs() < 1e9)
            || height.is_some_and(|h| !HEIGHTS_M.contains(&h))
            || crown.is_some_and(|c| !CROWNS_M.contains(&c));
        if implausible {
            self.implausible += 1;
            return None;
        }
        self.heights_assumed += u64::from(height.is_none());
        self.crowns_assumed += u64::from(crown.is_none());
        let height_m = height.unwrap_or(ASSUMED_HEIGHT_M);
        Some(RawTree {
            id: facts
                .id
                .filter(|id| !id.is_empty())
                .unwrap_or_else(|| format!("tree-{number}")),
            position: facts.position,
            foot_height_m: facts.foot_height_m.filter(|z| HEIGHT_RANGE_M.contains(z)),
            height_m,
            crown_diameter_m: crown.unwrap_or((CROWN_PER_HEIGHT * height_m).max(0.5)),
            genus: facts.genus.filter(|g| !g.is_empty()),
        })
    }

    pub(crate) fn report(&self, place: &str, findings: &mut Vec<Finding>) {
        let mut add = |finding: Finding, count: u64| {
            if count > 0 {
                findings.push(finding.place(place).arg("count", count));
            }
        };
        add(
            Finding::warning("tree-height-assumed").arg("height_m", ASSUMED_HEIGHT_M),
            self.heights_assumed,
        );
        add(
            Finding::info("tree-crown-assumed")
                .arg("share_percent", format!("{:.0}", CROWN_PER_HEIGHT * 100.0)),
            self.crowns_assumed,
        );
        add(Finding::warning("tree-implausible"), self.implausible);
    }
}

/// Reads a table of trees: any separator, column names in German or English (`id`, `e`, `n`, `height_m`,
/// `kronendurchmesser` ...); the place is required.
pub fn read_trees_csv(bytes: &[u8], place: &str) -> Result<Imported, CityError> {
    let fault = |kind, what: &str| CityError::new(kind, place, what);
    let table =
        Table::new(bytes).ok_or_else(|| fault(CityErrorKind::Empty, "the file has no trees"))?;
    let columns = place_columns(&table).ok_or_else(|| {
        fault(CityErrorKind::Head, "the columns of the trees are not recognised")
            .expected("columns e and n (or easting and northing, Rechtswert and Hochwert, lon and lat)")
            .help("name the columns in the first line, for example id,e,n,z_foot_m,height_m,crown_diameter_m,genus")
    })?;
    let (id, foot) = (table.column(ID), table.column(FOOT));
    let (height, crown, genus) = (
        table.column(HEIGHT),
        table.column(CROWN),
        table.column(GENUS),
    );
    let mut trees = Vec::new();
    let mut tally = TreeTally::default();
    let mut unreadable = Skipped::default();
    for (i, (line, row)) in table.rows().enumerate() {
        let number = |column| table.number(&row, column);
        let text = |column: Option<usize>| column.and_then(|c| row.get(c)).map(|f| f.to_string());
        let position = (
            number(Some(columns.easting)),
            number(Some(columns.northing)),
        );
        let (Some(easting), Some(northing)) = position else {
            unreadable.add(line, &row);
            continue;
        };
        let facts = TreeFacts {
            id: text(id),
            position: [easting, northing],
            foot_height_m: number(foot),
            height_m: number(height),
            crown_diameter_m: number(crown),
            genus: text(genus),
        };
        trees.extend(tally.tree(facts, i));
    }
    let mut findings = Vec::new();
    unreadable.check("tree-rows-unreadable", trees.len(), place, &mut findings)?;
    tally.report(place, &mut findings);
    Ok(Imported {
        crs: columns.degrees.then(Crs::wgs84),
        source: Some(tree_source("CSV", trees.len())),
        trees,
        findings,
        ..Imported::default()
    })
}

pub(crate) fn tree_source(format: &str, objects: usize) -> LayerSource {
    LayerSource {
        layer: LayerKind::Trees,
        ..source_of(format, objects)
    }
}

/// Reads the JSON `{"type": "HamburgCityCenterTrees", "trees": [{"id", "position": [lon, lat, height], "height",
/// "crownDiameter", "genus"}]}`.
pub fn read_hamburg_trees(bytes: &[u8], place: &str) -> Result<Imported, CityError> {
    let document: Value = serde_json::from_slice(bytes).map_err(|e| json_fault(place, &e))?;
    let list = document["trees"].as_array().ok_or_else(|| {
        CityError::new(CityErrorKind::Head, place, "the file has no list of trees")
            .expected("`trees`: [...]")
    })?;
    let mut trees = Vec::new();
    let mut tally = TreeTally::default();
    for (i, item) in list.iter().enumerate() {
        let text = |key: &str| item[key].as_str().map(str::to_owned);
        let place = |k: usize| item["position"][k].as_f64();
        let facts = TreeFacts {
            id: text("id"),
            position: [place(0).unwrap_or(f64::NAN), place(1).unwrap_or(f64::NAN)],
            foot_height_m: place(2),
            height_m: item["height"].as_f64(),
            crown_diameter_m: item["crownDiameter"].as_f64(),
            genus: text("genus")
                .filter(|g| !g.is_empty())
                .or_else(|| text("species")),
        };
        trees.extend(tally.tree(facts, i));
    }
    let mut findings = Vec::new();
    tally.report(place, &mut findings);
    let mut source = tree_source("JSON", trees.len());
    source.origin = document["attribution"].as_str().map(str::to_owned);
    Ok(Imported {
        crs: Some(Crs::wgs84()),
        trees,
        findings,
        source: Some(source),
        ..Imported::default()
    })
}

/// The error for text that is not JSON, with line and column.
pub(crate) fn json_fault(place: &str, error: &serde_json::Error) -> CityError {
    let at = format!("{place}:{}", error.line());
    if error.to_string().contains("recursion limit") {
        return CityError::new(CityErrorKind::TooDeep, at, "the file is nested too deeply")
            .expected("at most 128 levels")
            .help("no honest file of this kind is nested like this");
    }
    if error.is_eof() {
        return CityError::new(CityErrorKind::Truncated, at, "the file ends too early")
            .help("the file is cut off; get it again");
    }
    CityError::new(CityErrorKind::Syntax, at, "the file is not valid JSON").found(error.to_string())
}

/// Ground points at the feet of trees: heights for districts without a terrain model.
pub(crate) fn ground_points(trees: &[RawTree]) -> Option<RawTerrain> {
    let points: Vec<[f64; 3]> = trees
        .iter()
        .filter_map(|t| Some([t.position[0], t.position[1], t.foot_height_m?]))
        .collect();
    (points.len() >= 3).then_some(RawTerrain::Points(points))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn german_and_english_tables_give_the_same_trees() {
        let english = "id,e,n,z_foot_m,height_m,crown_diameter_m,genus\nA,565962.9,5933187.1,5.2,7.4,2,Tilia\n";
        let german =
            "Baum-ID;Rechtswert;Hochwert;Bodenhöhe;Baumhöhe [m];Kronendurchmesser [m];Gattung\n\
                      A;565962,9;5933187,1;5,2;7,4;2;Tilia\n"
                .replace("Baumhöhe [m]", "Baumhöhe");
        let a = read_trees_csv(english.as_bytes(), "t.csv").unwrap();
        let b = read_trees_csv(german.as_bytes(), "t.csv").unwrap();
        for imported in [a, b] {
            assert!(imported.findings.is_empty(), "{:?}", imported.findings);
            let tree = &imported.trees[0];
            assert_eq!(
                (tree.id.as_str(), tree.position),
                ("A", [565_962.9, 5_933_187.1])
            );
            assert_eq!(
                (tree.foot_height_m, tree.height_m, tree.crown_diameter_m),
                (Some(5.2), 7.4, 2.0)
            );
            assert_eq!(tree.genus.as_deref(), Some("Tilia"));
        }
    }

    #[test]
    fn missing_sizes_are_assumed_and_counted() {
        let text =
            "lon,lat,height,crown\n9.99,53.55,,\n9.98,53.55,20,0\n9.97,53.55,300,4\nx,y,1,1\n";
        let imported = read_trees_csv(text.as_bytes(), "t.csv").unwrap();
        assert_eq!(imported.crs, Some(Crs::wgs84()));
        assert_eq!(imported.trees.len(), 2);
        assert_eq!(imported.trees[0].height_m, ASSUMED_HEIGHT_M);
        assert_eq!(imported.trees[1].crown_diameter_m, 8.8);
        let counts: Vec<(&str, &str)> = imported
            .findings
            .iter()
            .map(|f| (f.code.as_str(), f.args["count"].as_str()))
            .collect();
        assert_eq!(
            counts,
            [
                ("tree-rows-unreadable", "1"),
                ("tree-height-assumed", "1"),
                ("tree-crown-assumed", "2"),
                ("tree-implausible", "1")
            ]
        );
    }

    #[test]
    fn tables_without_a_place_are_refused() {
        assert_eq!(
            read_trees_csv(b"id,height\nA,3\n", "t.csv")
                .unwrap_err()
                .code(),
            "head"
        );
        assert_eq!(
            read_hamburg_trees(b"{\"type\":\"x\"}", "t.json")
                .unwrap_err()
                .code(),
            "head"
        );
        assert_eq!(
            read_hamburg_trees(b"{\"trees\":[", "t.json")
                .unwrap_err()
                .code(),
            "truncated"
        );
    }

    #[test]
    fn both_hamburg_files_hold_the_same_trees() {
        let Some(data) = crate::verify::data_root_or_skip("both_hamburg_files_hold_the_same_trees")
        else {
            return;
        };
        let read = |name: &str| std::fs::read(data.join("city/hamburg").join(name)).unwrap();
        let table = read_trees_csv(&read("trees_25832.csv"), "t.csv").unwrap();
        let list = read_hamburg_trees(&read("hamburg-city-center-trees.json"), "t.json").unwrap();
        assert_eq!((table.trees.len(), list.trees.len()), (2110, 2110));
        let utm = Crs::utm32().projection().unwrap();
        for (a, b) in table.trees.iter().zip(&list.trees) {
            let [e, n] = utm.from_lonlat(b.position).unwrap();
            assert_eq!(a.id, b.id);
            assert!(
                (e - a.position[0]).hypot(n - a.position[1]) < 0.001,
                "{}",
                a.id
            );
            assert_eq!(
                (a.height_m, a.crown_diameter_m),
                (b.height_m, b.crown_diameter_m)
            );
        }
    }
}
