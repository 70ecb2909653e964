//! Own receivers of the user: a CSV with `id,x,y,z,nx,ny,nz` in the CRS of the city.

use crate::city::sources::Roots;
use crate::geo::LocalFrame;

use super::SunError;

/// Receivers as given: positions are used as they are, without lifting them off any face.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CustomReceivers {
    /// Ids as written.
    pub ids: Vec<String>,
    /// Local positions (m).
    pub positions: Vec<[f32; 3]>,
    /// Unit normals.
    pub normals: Vec<[f32; 3]>,
    /// BLAKE3 of the file's bytes, hex.
    pub blake3: String,
}

const COLUMNS: [&str; 7] = ["id", "x", "y", "z", "nx", "ny", "nz"];

/// Reads the file; more columns than the seven are ignored.
pub fn read_receivers(
    path: &str,
    roots: &Roots,
    frame: &LocalFrame,
) -> Result<CustomReceivers, SunError> {
    let bytes = roots.resolve(path)?.read(path)?;
    parse_receivers(path, &bytes, frame)
}

/// The same from bytes; `file` is named in errors.
pub fn parse_receivers(
    file: &str,
    bytes: &[u8],
    frame: &LocalFrame,
) -> Result<CustomReceivers, SunError> {
    let wrong = |line: u64, found: String, expected: &str| SunError::Receivers {
        file: file.to_owned(),
        line,
        found,
        expected: expected.to_owned(),
    };
    let blake3 = blake3::hash(bytes).to_hex().to_string();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let header = reader
        .headers()
        .map_err(|e| wrong(1, e.to_string(), "a CSV header"))?
        .clone();
    let mut at = [0; 7];
    for (slot, name) in at.iter_mut().zip(COLUMNS) {
        *slot = header
            .iter()
            .position(|h| h.eq_ignore_ascii_case(name))
            .ok_or_else(|| {
                let found = format!(
                    "there is no column `{name}`; the header is `{}`",
                    header.iter().collect::<Vec<_>>().join(",")
                );
                wrong(1, found, "id,x,y,z,nx,ny,nz")
            })?;
    }
    let mut receivers = CustomReceivers {
        blake3,
        ..CustomReceivers::default()
    };
    for record in reader.records() {
        let record = record.map_err(|e| {
            let line = e.position().map_or(0, csv::Position::line);
            wrong(
                line,
                e.to_string(),
                "as many values as the header has names",
            )
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        let mut numbers = [0.0_f64; 6];
        for (number, (&column, name)) in numbers.iter_mut().zip(at[1..].iter().zip(&COLUMNS[1..])) {
            let text = record.get(column).unwrap_or_default();
            *number = text
                .parse()
                .ok()
                .filter(|n: &f64| n.is_finite() && n.abs() < 1e9)
                .ok_or_else(|| {
                    wrong(
                        line,
                        format!("`{text}` as {name}"),
                        "a finite number with a decimal point",
                    )
                })?;
        }
        let [x, y, z, nx, ny, nz] = numbers;
        let normal = nalgebra::Vector3::new(nx, ny, nz)
            .try_normalize(1e-6)
            .ok_or_else(|| {
                wrong(
                    line,
                    "a normal of length 0".to_owned(),
                    "nx,ny,nz pointing away from the face",
                )
            })?;
        receivers
            .ids
            .push(record.get(at[0]).unwrap_or_default().to_owned());
        receivers
            .positions
            .push(frame.local_from_crs([x, y, z]).cast::<f32>().coords.into());
        receivers.normals.push(normal.cast::<f32>().into());
    }
    if receivers.ids.is_empty() {
        return Err(wrong(
            1,
            "no receiver".to_owned(),
            "at least one line below the header",
        ));
    }
    Ok(receivers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::Crs;

    fn parse(text: &str) -> Result<CustomReceivers, String> {
        let frame = LocalFrame::near(Crs::utm32(), 565_000.0, 5_933_000.0);
        parse_receivers("points.csv", text.as_bytes(), &frame).map_err(|e| e.to_string())
    }

    #[test]
    fn columns_are_found_by_name() {
        let r = parse("kind,id,x,y,z,nx,ny,nz\nwall,a,565010,5933020,5.5,0,-2,0\n").unwrap();
        assert_eq!(r.ids, ["a"]);
        assert_eq!(r.positions, [[10.0, 20.0, 5.5]]);
        assert_eq!(r.normals, [[0.0, -1.0, 0.0]]);
    }

    #[test]
    fn errors_name_line_and_value() {
        let e = parse("id,x,y,z,nx,ny,nz\na,1,2,3,0,0,1\nb,1,zwei,3,0,0,1\n").unwrap_err();
        assert!(
            e.contains("points.csv, line 3") && e.contains("`zwei` as y"),
            "{e}"
        );
        let e = parse("id,x,y,z,nx,ny\n").unwrap_err();
        assert!(e.contains("no column `nz`"), "{e}");
        assert!(
            parse("id,x,y,z,nx,ny,nz\na,1,2,3,0,0,0\n")
                .unwrap_err()
                .contains("length 0")
        );
        assert!(
            parse("id,x,y,z,nx,ny,nz\na,NaN,2,3,0,0,1\n")
                .unwrap_err()
                .contains("NaN")
        );
        assert!(
            parse("id,x,y,z,nx,ny,nz\n")
                .unwrap_err()
                .contains("no receiver")
        );
    }
}
