//! Wavefront OBJ as named pieces of polygons.
//!
//! What is read: corners (`v`), faces (`f`, any number of corners, also with relative indices), objects (`o`) and groups
//! (`g`). Normals, texture coordinates, materials and smoothing groups are passed over; so are points, lines and free-form
//! surfaces, with a finding. The format knows neither unit nor upward axis; [`super::solid_model`] says which hold.
//!
//! An own reader of the four statements that matter: an error must name the line, holes of a face must not become a fan, and
//! national coordinates need f64. The crate `tobj` (4.0.5) names no line in its errors and cuts polygons into fans.
//!
//! Specification: Wavefront Advanced Visualizer, appendix B1 (Object Files).

use std::collections::HashMap;

use nalgebra::Point3;

use crate::finding::Finding;
use crate::text::shown;

use super::error::{CityError, CityErrorKind};
use super::solid_model::Piece;
use super::table::decode_text;

/// Statements that say nothing about the shape.
const PASSED_OVER: &[&str] = &[
    "vn",
    "vt",
    "vp",
    "s",
    "mg",
    "usemtl",
    "mtllib",
    "usemap",
    "maplib",
    "bevel",
    "c_interp",
    "d_interp",
    "lod",
    "shadow_obj",
    "trace_obj",
    "parm",
    "trim",
    "hole",
    "scrv",
    "sp",
    "end",
    "con",
    "deg",
    "bmat",
    "step",
    "cstype",
    "ctech",
    "stech",
    "call",
    "csh",
];
/// Statements with a shape that is not read.
const OTHER_SHAPES: &[&str] = &["p", "l", "curv", "curv2", "surf"];

/// True for text that begins like an OBJ file: known statements, one of them a corner.
pub(crate) fn looks_like_obj(head: &str) -> bool {
    let mut statements = head.lines().map(str::trim).filter(|line| {
        // Comments, and what a cut in the middle of a line may leave, decide nothing.
        !line.is_empty() && !line.starts_with('#')
    });
    let mut corners = 0;
    let known = statements.by_ref().take(50).all(|line| {
        let mut words = line.split_whitespace();
        let keyword = words.next().unwrap_or_default();
        let corner = keyword == "v" && words.count() >= 3;
        corners += usize::from(corner);
        corner || matches!(keyword, "o" | "g" | "f") || is_known(keyword)
    });
    known && corners > 0
}

fn is_known(keyword: &str) -> bool {
    PASSED_OVER.contains(&keyword) || OTHER_SHAPES.contains(&keyword)
}

/// A face as written: corners from 0, and where it stands.
struct Face {
    corners: Vec<usize>,
    piece: usize,
    line: usize,
}

/// Reads the pieces of a file: its objects, else its groups, else everything as one piece named `model`. Positions are as
/// written.
pub(crate) fn read_obj(
    bytes: &[u8],
    place: &str,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Piece>, CityError> {
    let text = decode_text(bytes);
    let mut reader = Reader {
        place,
        corners: Vec::new(),
        faces: Vec::new(),
        pieces: Pieces::default(),
        has_objects: false,
        other_shapes: 0,
        unknown: None,
    };
    let mut continued = String::new();
    let mut first_line = 0;
    for (i, line) in text.lines().enumerate() {
        if continued.is_empty() {
            first_line = i + 1;
        }
        match line.trim_end().strip_suffix('\\') {
            Some(start) => {
                continued.push_str(start);
                continued.push(' ');
            }
            None if continued.is_empty() => reader.statement(line, first_line)?,
            None => {
                continued.push_str(line);
                reader.statement(&continued, first_line)?;
                continued.clear();
            }
        }
    }
    reader.statement(&continued, first_line)?;
    reader.finish(findings)
}

/// Names in the order of their first mention.
#[derive(Default)]
struct Pieces {
    names: Vec<(String, usize)>,
    known: HashMap<String, usize>,
    current: Option<usize>,
}

impl Pieces {
    fn enter(&mut self, name: &str, line: usize) {
        let name = if name.is_empty() { "model" } else { name };
        let next = self.names.len();
        let index = *self.known.entry(name.to_owned()).or_insert(next);
        if index == next {
            self.names.push((name.to_owned(), line));
        }
        self.current = Some(index);
    }
}

struct Reader<'a> {
    place: &'a str,
    corners: Vec<Point3<f64>>,
    faces: Vec<Face>,
    pieces: Pieces,
    has_objects: bool,
    other_shapes: usize,
    unknown: Option<(usize, usize)>,
}

impl Reader<'_> {
    fn fault(&self, line: usize, what: &str) -> CityError {
        let place = format!("{}:{line}", self.place);
        CityError::new(CityErrorKind::Syntax, place, what).help("export the model again")
    }

    fn statement(&mut self, text: &str, line: usize) -> Result<(), CityError> {
        let text = text.split('#').next().unwrap_or_default();
        let mut words = text.split_whitespace();
        let Some(keyword) = words.next() else {
            return Ok(());
        };
        match keyword {
            "v" => self.corner(text, line)?,
            "f" => self.face(words, line)?,
            "o" | "g" => {
                let object = keyword == "o";
                self.has_objects |= object;
                if object || !self.has_objects {
                    let name = words.collect::<Vec<_>>().join(" ");
                    self.pieces.enter(&name, line);
                }
            }
            _ if OTHER_SHAPES.contains(&keyword) => self.other_shapes += 1,
            _ if is_known(keyword) => {}
            _ => {
                let (_, count) = self.unknown.get_or_insert((line, 0));
                *count += 1;
            }
        }
        Ok(())
    }

    fn corner(&mut self, text: &str, line: usize) -> Result<(), CityError> {
        let mut numbers = text.split_whitespace().skip(1).map(str::parse::<f64>);
        let mut next = || numbers.next()?.ok();
        let (Some(x), Some(y), Some(z)) = (next(), next(), next()) else {
            return Err(self
                .fault(line, "a corner does not have three numbers")
                .expected("v x y z")
                .found(format!("`{}`", shown(text.trim()))));
        };
        let corner = Point3::new(x, y, z);
        if corner.iter().any(|c| !c.is_finite()) {
            return Err(self
                .fault(line, "a position is not finite")
                .expected("three finite numbers")
                .found(format!("`{}`", shown(text.trim()))));
        }
        self.corners.push(corner);
        Ok(())
    }

    fn face<'t>(
        &mut self,
        words: impl Iterator<Item = &'t str>,
        line: usize,
    ) -> Result<(), CityError> {
        let mut corners = Vec::with_capacity(4);
        for word in words {
            let index = word.split('/').next().unwrap_or_default();
            let corner = match index.parse::<i64>() {
                Ok(n) if n > 0 => usize::try_from(n - 1).ok(),
                // Counted back from the last corner so far.
                Ok(n) if n < 0 => usize::try_from(n.unsigned_abs())
                    .ok()
                    .and_then(|back| self.corners.len().checked_sub(back)),
                _ => None,
            };
            let Some(corner) = corner else {
                return Err(self
                    .fault(line, "a face names a corner that does not exist")
                    .expected(format!(
                        "1 to {n}, or -{n} to -1 for the last ones",
                        n = self.corners.len()
                    ))
                    .found(format!("`{}`", shown(word))));
            };
            corners.push(corner);
        }
        if corners.len() < 3 {
            return Err(self
                .fault(line, "a face has fewer than three corners")
                .expected("at least 3 corners")
                .found(corners.len().to_string()));
        }
        if self.pieces.current.is_none() {
            self.pieces.enter("", line);
        }
        let piece = self.pieces.current.unwrap_or_default();
        self.faces.push(Face {
            corners,
            piece,
            line,
        });
        Ok(())
    }

    fn finish(self, findings: &mut Vec<Finding>) -> Result<Vec<Piece>, CityError> {
        if self.other_shapes > 0 {
            let finding = Finding::info("model-lines").place(self.place);
            findings.push(finding.arg("count", self.other_shapes));
        }
        if let Some((line, count)) = self.unknown {
            let finding = Finding::warning("model-statements").arg("count", count);
            findings.push(finding.place(format!("{}:{line}", self.place)));
        }
        let mut pieces: Vec<Piece> = self
            .pieces
            .names
            .iter()
            .map(|(name, line)| Piece {
                name: name.clone(),
                place: format!("{}:{line}", self.place),
                ..Piece::default()
            })
            .collect();
        for face in &self.faces {
            let mut ring = Vec::with_capacity(face.corners.len());
            for index in &face.corners {
                let Some(corner) = self.corners.get(*index) else {
                    return Err(self
                        .fault(face.line, "a face names a corner that does not exist")
                        .expected(format!("1 to {}", self.corners.len()))
                        .found((index + 1).to_string()));
                };
                ring.push(*corner);
            }
            let piece = &mut pieces[face.piece];
            match ring[..] {
                [a, b, c] => piece.triangles.push([a, b, c]),
                _ => piece.polygons.push(ring),
            }
        }
        Ok(pieces)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Piece>, CityError> {
        read_obj(text.as_bytes(), "m.obj", &mut Vec::new())
    }

    const SQUARE: &str = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n";

    #[test]
    fn objects_come_before_groups_and_names_may_come_back() {
        let text = format!(
            "# by hand\n{SQUARE}o House A\ng walls\nf 1 2 3\ng roof\nf 1//1 3//1 4//1\no B\nf -4/1/1 -3 -2 \\\n -1\no House A\nf 1 2 4\n"
        );
        let pieces = read(&text).unwrap();
        let found: Vec<_> = pieces
            .iter()
            .map(|p| {
                (
                    p.name.as_str(),
                    p.triangles.len(),
                    p.polygons.len(),
                    p.place.as_str(),
                )
            })
            .collect();
        assert_eq!(
            found,
            [("House A", 3, 0, "m.obj:6"), ("B", 0, 1, "m.obj:11")]
        );
        let groups = read(&format!("{SQUARE}g walls east\nf 1 2 3\n")).unwrap();
        assert_eq!(groups[0].name, "walls east");
        assert_eq!(read(&format!("{SQUARE}f 1 2 3")).unwrap()[0].name, "model");
    }

    #[test]
    fn faults_name_their_line() {
        for (line, word) in [
            ("v 1 2", "three numbers"),
            ("v 1 2 nan", "not finite"),
            ("v 1 2 1e999", "not finite"),
            ("v a b c", "three numbers"),
            ("f 1 2", "fewer than three"),
            ("f 1 2 9", "does not exist"),
            ("f 1 2 0", "does not exist"),
            ("f 1 2 -9", "does not exist"),
            ("f 1 2 99999999999999999999", "does not exist"),
            ("f a b c", "does not exist"),
        ] {
            let error = read(&format!("{SQUARE}{line}\nf 1 2 3\n")).unwrap_err();
            assert_eq!(
                (error.kind, error.place.as_str()),
                (CityErrorKind::Syntax, "m.obj:5"),
                "{line}"
            );
            assert!(
                error.what.contains(word) && error.found.is_some() && error.expected.is_some(),
                "{line}: {error}"
            );
        }
    }

    #[test]
    fn only_obj_looks_like_obj() {
        for (text, yes) in [
            ("# Blender\nmtllib a.mtl\no Cube\nv 1 1 -1\n", true),
            ("v 1 2 3 1.0\n", true),
            ("g a\nf 1 2 3\n", false),
            ("o tempora o mores\n", false),
            ("v;x;y\n1;2;3\n", false),
            ("1 2 3\n", false),
            ("v 1 2 3\ndear reader\n", false),
        ] {
            assert_eq!(looks_like_obj(text), yes, "{text}");
        }
    }
}
