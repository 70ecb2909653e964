//! When the window wakes up and when it rests: idle costs nothing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::window::RequestRedraw;
use bevy::winit::{EventLoopProxyWrapper, WinitUserEvent};
use bevy_egui::EguiRenderOutput;

use crate::sim::{JobStatus, Snapshot};
use crate::view::desktop::Desktop;
use crate::view::screenshot::Shoot;
use crate::view::worker::Wake;

/// Time (s) between two frames without any input: egui blinks nothing, so nothing is lost.
pub(super) const IDLE_S: u64 = 600;

/// The picture is drawn without a graphics card.
pub(super) static SOFTWARE: AtomicBool = AtomicBool::new(false);

/// Frames still to be drawn although nothing happens.
#[derive(Resource, Default)]
pub struct Awake(pub(in crate::view) u32);

/// A closure that wakes the event loop from any thread.
pub(super) fn wake_of(app: &App) -> Wake {
    let proxy = app
        .world()
        .get_resource::<EventLoopProxyWrapper>()
        .map(|p| (**p).clone());
    Arc::new(move || {
        if let Some(proxy) = &proxy {
            // The loop is gone when the window closes; then nobody needs to wake up.
            let _ = proxy.send_event(WinitUserEvent::WakeUp);
        }
    })
}

/// The same job goes on.
fn is_progress(before: &Option<JobStatus>, now: &Option<JobStatus>) -> bool {
    let of = |job: &JobStatus| (job.variant, job.simulation, job.quality);
    before
        .as_ref()
        .zip(now.as_ref())
        .is_some_and(|(a, b)| of(a) == of(b))
}

/// Wakes the window for every change but progress, and for progress now and then: a picture that is drawn without a graphics
/// card takes the time that the kernel needs.
pub(super) fn wake_for_news(wake: Wake) -> impl Fn(&Snapshot) + Send + Sync + 'static {
    let last: Mutex<(Option<JobStatus>, Instant)> = Mutex::new((None, Instant::now()));
    move |snapshot| {
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        let pause = if SOFTWARE.load(Ordering::Relaxed) {
            1000
        } else {
            100
        };
        if !is_progress(&last.0, &snapshot.job) || last.1.elapsed() >= Duration::from_millis(pause)
        {
            *last = (snapshot.job.clone(), Instant::now());
            wake();
        }
    }
}

pub(super) fn absorb(mut desktop: ResMut<Desktop>, mut awake: ResMut<Awake>) {
    let before = desktop.ui.snapshot.job.clone();
    // Progress is in this frame already; what else is new may need another one.
    if desktop.poll() && !is_progress(&before, &desktop.ui.snapshot.job) {
        awake.0 = awake.0.max(2);
    }
}

/// Asks for the next frame while something is under way.
pub(super) fn stay_awake(
    mut awake: ResMut<Awake>,
    mut redraw: MessageWriter<RequestRedraw>,
    shoot: Option<Res<Shoot>>,
) {
    if awake.0 > 0 || shoot.is_some_and(|s| !s.waits()) {
        awake.0 = awake.0.saturating_sub(1);
        redraw.write(RequestRedraw);
    }
}

/// A frame with new letters or digits may be drawn before they are on the graphics card, and in reactive mode nobody asks for
/// the next one, in which they are there: asks for it.
pub(super) fn show_new_glyphs(
    outputs: Query<&EguiRenderOutput>,
    mut redraw: MessageWriter<RequestRedraw>,
) {
    let changed = |output: &EguiRenderOutput| !output.textures_delta.set.is_empty();
    if outputs.iter().any(changed) {
        redraw.write(RequestRedraw);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy_egui::egui;

    #[test]
    fn new_glyphs_are_followed_by_one_more_frame() {
        let mut app = App::new();
        app.add_message::<RequestRedraw>()
            .add_systems(Update, show_new_glyphs);
        let id = app.world_mut().spawn(EguiRenderOutput::default()).id();
        let mut asks = |delta: Option<egui::epaint::ImageDelta>| {
            let mut entity = app.world_mut().entity_mut(id);
            let mut output = entity.get_mut::<EguiRenderOutput>().unwrap();
            output.textures_delta.clear();
            if let Some(delta) = delta {
                output
                    .textures_delta
                    .push(egui::TextureId::default(), delta);
            }
            app.update();
            let mut messages = app.world_mut().resource_mut::<Messages<RequestRedraw>>();
            messages.drain().count()
        };
        assert_eq!(asks(None), 0);
        let glyph = egui::ColorImage::filled([2, 2], egui::Color32::WHITE);
        let options = egui::TextureOptions::LINEAR;
        let delta = egui::epaint::ImageDelta::partial([0, 0], glyph, options);
        assert_eq!(asks(Some(delta)), 1);
        assert_eq!(asks(None), 0, "an idle window rests");
    }
}
