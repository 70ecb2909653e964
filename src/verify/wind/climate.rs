//! Comfort and climate against closed formulae and the statistics of a made-up year.

use std::path::Path;

use super::{DOMAIN, number, table};
use crate::verify::Case;
use crate::wind::climate::{Rose, weibull};
use crate::wind::comfort::{CITY_OF_LONDON, LAWSON_LDDC, verdict};
use crate::wind::weather::read_weather;

/// Shares of time to 1e-6 and classes, of 14 lists of speed ratios.
pub fn comfort(folder: &Path) -> Result<Vec<Case>, String> {
    let source = "comfort_cases.csv, by closed formulae";
    let name = "hamburg_iwec_rose12.csv";
    let bytes = std::fs::read(folder.join("hamburg_weather").join(name));
    let bytes = bytes.map_err(|e| format!("{name}: {e}"))?;
    let rose = Rose::parse(name, &bytes).map_err(|e| e.to_string())?;
    let (_, rows) = table(&folder.join("comfort/comfort_cases.csv"))?;
    let mut cases = Vec::new();
    for row in &rows {
        let name = row.get(0).unwrap_or_default();
        let ratio = (1..13)
            .map(|c| number(row, c))
            .collect::<Result<Vec<f64>, _>>()?;
        let mut worst = 0.0_f64;
        for (column, speed) in (13..).zip([4.0, 5.0, 6.0, 8.0, 10.0, 15.0]) {
            let got = rose.exceedance(speed, &ratio);
            worst = worst.max((got - number(row, column)?).abs());
        }
        cases.push(Case::number(
            DOMAIN,
            &format!("comfort/{name}/shares"),
            "largest difference of six shares of time",
            0.0,
            worst,
            1e-6,
            source,
        ));
        let got = verdict(&rose, &ratio);
        let names = [
            got.nen8100.name(),
            got.danger.name(),
            LAWSON_LDDC.name(usize::from(got.lawson)),
            CITY_OF_LONDON.name(usize::from(got.london)),
        ];
        let same = names
            .iter()
            .zip(19..)
            .filter(|(name, column)| row.get(*column) == Some(**name));
        cases.push(Case::number(
            DOMAIN,
            &format!("comfort/{name}/classes"),
            "classes that agree (NEN 8100, its danger, Lawson, London)",
            4.0,
            same.count() as f64,
            0.0,
            source,
        ));
    }
    Ok(cases)
}

/// Wind of the made-up year.
pub fn statistics(folder: &Path) -> Result<Vec<Case>, String> {
    let folder = folder.join("hamburg_weather");
    let name = "SYNTHETIC_Hamburg_like.epw";
    let bytes = std::fs::read(folder.join(name)).map_err(|e| format!("{name}: {e}"))?;
    let year = read_weather(name, &bytes).map_err(|e| e.to_string())?;
    let path = folder.join("synthetic_expected.json");
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let expected: serde_json::Value =
        serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
    let hours = year.hours.len() as f64;
    let speeds: Vec<f64> = year
        .hours
        .iter()
        .map(|h| h.speed_mps)
        .filter(|&v| v > 0.0)
        .collect();
    let (k, c) = weibull(&speeds).ok_or("no Weibull statistics")?;
    let mean = speeds.iter().sum::<f64>() / hours;
    let largest = speeds.iter().copied().fold(0.0, f64::max);
    let calm = 1.0 - speeds.len() as f64 / hours;
    let rows = [
        ("hours", hours, 0.0),
        ("calm_share", calm, 1e-6),
        ("mean_mps", mean, 1e-4),
        ("max_mps", largest, 1e-9),
        ("weibull_k", k, 1e-4),
        ("weibull_c", c, 1e-4),
    ];
    rows.into_iter()
        .map(|(name, got, tolerance)| {
            let want = expected[name]
                .as_f64()
                .ok_or_else(|| format!("{}: no `{name}`", path.display()))?;
            let id = format!("climate/{name}");
            Ok(Case::number(
                DOMAIN,
                &id,
                name,
                want,
                got,
                tolerance,
                "made-up year, by its own script",
            ))
        })
        .collect()
}
