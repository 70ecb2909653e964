//! The desktop window: a Bevy `App` that draws the city and its results and turns input into [`crate::ui::Action`]s.
//!
//! It does not compute results: it sends commands to the simulation world ([`crate::sim`]) and draws the snapshots that
//! come back. Every change goes through [`desktop::Desktop::apply`].
//!
//! * [`app`]: plugins, schedule, idle and error behaviour. [`desktop`]: state and actions. [`history`]: undo and redo.
//! * [`scene`]: city to meshes, on a thread of its own. [`materials`] and `shaders/`: how they look.
//! * [`camera`], [`sun_light`], [`pick`], [`drag`], [`collision`], [`paint`], [`screenshot`]: one idea each.
//! * [`water`]: the moving water of an event; [`water_mesh`] makes its surface. [`wind`]: streaks of the wind.
//!   [`arrows`]: what the arrows of both share.
//! * [`traffic`]: vehicles, signals and what is selected of them; [`traffic_ground`]: their streets; [`traffic_pick`]: what the
//!   pointer meets of them.
//! * [`shuttle_marks`]: stops of shuttles, and who asked for one.
//! * [`sketch`]: walls, and the points of the tool in hand.
//!
//! Space: the city is x east, y north, z up; Bevy is y up. [`space`] holds the only two conversions.
//! The picture is not tone mapped: a shader writes exactly the colour that shows, so that a result has the colour of its
//! legend.

pub mod app;
pub mod arrows;
pub mod camera;
pub mod collision;
pub mod desktop;
pub mod drag;
pub mod history;
pub mod materials;
pub mod paint;
pub mod pick;
pub mod pointer;
pub mod scene;
pub mod screenshot;
pub mod shuttle_marks;
pub mod sketch;
pub mod space;
pub mod sun_light;
pub mod traffic;
pub mod traffic_ground;
pub mod traffic_pick;
pub mod water;
pub mod water_mesh;
pub mod wind;
pub mod worker;

pub use app::{CameraStart, DesktopError, DesktopOptions, run_desktop};
