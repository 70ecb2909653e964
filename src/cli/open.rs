//! `planspiel open` and `planspiel` alone: the window.

use std::path::PathBuf;

use crate::text::Language;
use crate::ui::Theme;
use crate::ui::event_bar::parse_event_time;
use crate::view::{CameraStart, DesktopError, DesktopOptions, run_desktop};

use super::Globals;
use super::exit::{BAD_INPUT, BUG, CANNOT_WRITE, CliError, DONE, UNAVAILABLE};

/// Arguments of `open`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// City or scenario file, or `sample:hafenquartier`
    file: Option<PathBuf>,
    /// Language of the window: de or en
    #[arg(long, value_parser = language)]
    language: Option<Language>,
    /// Write a picture of the window to this file and end; for tests and documentation
    #[arg(long, value_name = "FILE", hide = true)]
    screenshot: Option<PathBuf>,
    /// Time of the day
    #[arg(long, value_name = "HH:MM", value_parser = minute, hide = true)]
    at: Option<f32>,
    /// Day
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date, hide = true)]
    date: Option<String>,
    /// Variant, baseline = 0
    #[arg(long, value_name = "N", default_value_t = 0, hide = true)]
    variant: usize,
    /// Result field to compute and show
    #[arg(long, value_name = "ID", hide = true)]
    field: Option<String>,
    /// Show the difference of the field to the baseline
    #[arg(long, hide = true)]
    difference: bool,
    /// Size of the window
    #[arg(long, value_name = "WxH", value_parser = size, hide = true)]
    size: Option<[u32; 2]>,
    /// Building, vehicle, signal or street to select
    #[arg(long, value_name = "ID", hide = true)]
    select: Option<String>,
    /// Time of the water event
    #[arg(long, value_name = "H:MM", value_parser = moment, hide = true)]
    moment: Option<f64>,
    /// Show where the water flows and the wind blows
    #[arg(long, hide = true)]
    arrows: bool,
    /// Colours of the window: light, dark or contrast
    #[arg(long, value_parser = theme, hide = true)]
    theme: Option<Theme>,
    /// First view: home, top, or EASTING,NORTHING,DISTANCE,AZIMUTH,ELEVATION in metres and degrees
    #[arg(long, value_parser = camera, default_value = "home", hide = true)]
    camera: CameraStart,
}

/// Without arguments.
pub fn start(globals: &Globals) -> Result<u8, CliError> {
    run(
        None,
        DesktopOptions {
            data: globals.data.clone(),
            ..DesktopOptions::default()
        },
    )
}

/// Opens a city or scenario.
pub fn open(args: &Args, globals: &Globals) -> Result<u8, CliError> {
    let options = DesktopOptions {
        data: globals.data.clone(),
        language: args.language,
        size: args.size,
        screenshot: args.screenshot.clone(),
        date: args.date.clone(),
        minute: args.at,
        variant: args.variant,
        field: args.field.clone(),
        difference: args.difference,
        select: args.select.clone(),
        moment_s: args.moment,
        arrows: args.arrows,
        theme: args.theme,
        camera: args.camera,
    };
    run(args.file.clone(), options)
}

fn run(file: Option<PathBuf>, options: DesktopOptions) -> Result<u8, CliError> {
    run_desktop(file, options).map(|()| DONE).map_err(|error| {
        let (code, name) = match &error {
            DesktopError::NoDisplay => (UNAVAILABLE, "no-display"),
            DesktopError::Renderer(_) => (UNAVAILABLE, "renderer"),
            DesktopError::Bug(_) => (BUG, "bug"),
            DesktopError::Screenshot(_) => (CANNOT_WRITE, "screenshot"),
            DesktopError::NoResult(_) => (BAD_INPUT, "no-result"),
        };
        CliError::new(code, format!("error[view::{name}]: {error}"))
    })
}

fn language(text: &str) -> Result<Language, String> {
    match text {
        "de" => Ok(Language::De),
        "en" => Ok(Language::En),
        _ => Err("expected `de` or `en`".to_owned()),
    }
}

fn camera(text: &str) -> Result<CameraStart, String> {
    match text {
        "home" => Ok(CameraStart::Home),
        "top" => Ok(CameraStart::Top),
        _ => {
            let numbers: Result<Vec<f64>, _> = text.split(',').map(str::parse).collect();
            let look = numbers.ok().and_then(|n| <[f64; 5]>::try_from(n).ok());
            let look = look.filter(|n| n.iter().all(|v| v.is_finite()) && n[2] > 0.0);
            look.map(CameraStart::Look).ok_or_else(|| {
                "expected `home`, `top`, or five numbers: easting, northing, distance (m), azimuth and elevation (degrees)"
                    .to_owned()
            })
        }
    }
}

fn theme(text: &str) -> Result<Theme, String> {
    match text {
        "light" => Ok(Theme::Light),
        "dark" => Ok(Theme::Dark),
        "contrast" => Ok(Theme::HighContrast),
        _ => Err("expected `light`, `dark` or `contrast`".to_owned()),
    }
}

fn moment(text: &str) -> Result<f64, String> {
    parse_event_time(text)
        .ok_or_else(|| "expected a time since the start like `0:35` or `0:35:00`".to_owned())
}

fn minute(text: &str) -> Result<f32, String> {
    let parts = text
        .split_once(':')
        .and_then(|(h, m)| Some((h.parse::<u8>().ok()?, m.parse::<u8>().ok()?)));
    match parts {
        Some((h @ 0..=23, m @ 0..=59)) => Ok(f32::from(h) * 60.0 + f32::from(m)),
        _ => Err("expected a time like `17:00`".to_owned()),
    }
}

fn date(text: &str) -> Result<String, String> {
    match crate::sun::position::Date::parse(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err("expected a day like `2027-03-21`, years 1900 to 2100".to_owned()),
    }
}

fn size(text: &str) -> Result<[u32; 2], String> {
    let parts = text
        .split_once('x')
        .and_then(|(w, h)| Some([w.parse().ok()?, h.parse().ok()?]));
    match parts {
        Some(size @ [200..=8000, 200..=8000]) => Ok(size),
        _ => Err("expected a size like `1280x800`, each side 200 to 8000".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_are_checked() {
        assert_eq!(minute("17:05"), Ok(1025.0));
        assert!(minute("24:00").is_err() && minute("17").is_err() && minute("-1:00").is_err());
        let look = CameraStart::Look([1.0, 2.0, 300.0, -30.0, 25.0]);
        assert_eq!(camera("1,2,300,-30,25"), Ok(look));
        assert!(camera("1,2,300").is_err() && camera("1,2,0,0,0").is_err());
        assert_eq!(moment("0:35"), Ok(2100.0));
        assert!(moment("later").is_err());
        assert_eq!(size("1280x800"), Ok([1280, 800]));
        assert!(size("1280x").is_err() && size("1x1").is_err());
    }
}
