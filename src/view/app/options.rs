//! How the window is asked for, and why it may not come.

use std::path::PathBuf;

use bevy::prelude::*;

use crate::text::Language;
use crate::ui;
use crate::ui::action::CameraMove;

/// How to start the window.
#[derive(Clone, Debug, Default)]
pub struct DesktopOptions {
    /// Data root of `data:` paths.
    pub data: Option<PathBuf>,
    /// Language; default: that of the scenario, or German.
    pub language: Option<Language>,
    /// Size of the window (pixels).
    pub size: Option<[u32; 2]>,
    /// Write a picture to this file and end.
    pub screenshot: Option<PathBuf>,
    /// Day (YYYY-MM-DD).
    pub date: Option<String>,
    /// Civil time in minutes since midnight.
    pub minute: Option<f32>,
    /// Variant to show, baseline = 0.
    pub variant: usize,
    /// Field to compute and show.
    pub field: Option<String>,
    /// Show the difference of that field to the baseline.
    pub difference: bool,
    /// Building to select, by id.
    pub select: Option<String>,
    /// Time (s) of a water event.
    pub moment_s: Option<f64>,
    /// Show where the water flows and the wind blows.
    pub arrows: bool,
    /// Colours of the window.
    pub theme: Option<ui::Theme>,
    /// First view.
    pub camera: CameraStart,
}

/// First view.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum CameraStart {
    /// Composed three-quarter view.
    #[default]
    Home,
    /// Plan, north up.
    Top,
    /// A place (CRS easting, northing), distance (m), direction of view and angle above the horizon (degrees).
    Look([f64; 5]),
}

impl CameraStart {
    /// What the camera is asked for.
    pub(in crate::view) fn request(self) -> CameraMove {
        match self {
            Self::Home => CameraMove::Home,
            Self::Top => CameraMove::Top,
            Self::Look([east, north, distance_m, azimuth_deg, above_deg]) => CameraMove::Look {
                place: [east, north],
                distance_m,
                azimuth_deg,
                above_deg,
            },
        }
    }
}

/// Why the window could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum DesktopError {
    /// There is no screen.
    #[error(
        "no display: the window needs X11 (DISPLAY is not set)\n  help: run scenarios without a window with `planspiel run SCENARIO`"
    )]
    NoDisplay,
    /// Window or renderer failed.
    #[error(
        "the window failed: {0}\n  help: a graphics driver with Vulkan is needed; on Debian or Ubuntu `mesa-vulkan-drivers` brings one in software"
    )]
    Renderer(String),
    /// A fault of the program; the panic hook has told about it.
    #[error("the window ended with an internal error: {0}")]
    Bug(String),
    /// The asked picture could not be made.
    #[error("no picture was written: {0}")]
    Screenshot(String),
    /// The asked picture is of a result that the scenario does not have.
    #[error("no picture was written: {0}")]
    NoResult(String),
}
