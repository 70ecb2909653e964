//! The window's `App`: plugins, order of the systems, idle and error behaviour.

mod cameras;
mod keys;
mod light;
mod options;
mod picture;
mod run;
mod schedule;
mod wake;
mod window;

pub use options::{CameraStart, DesktopError, DesktopOptions};
pub use picture::{PictureQuality, SceneProgress};
pub use run::run_desktop;
pub use wake::Awake;
