//! Progress: a bar on a terminal, plain lines elsewhere (phase changes and every 10 %).

use std::io::IsTerminal;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use crate::text::{Language, texts};

use super::{Level, print};

/// Shows how far the program is, and keeps the log of it.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    lines: bool,
    start: Instant,
    phase: String,
    /// Last shown tenth.
    tenth: u32,
    log: Vec<Value>,
}

impl Progress {
    /// Chooses the form by what stderr is.
    pub fn new(level: Level, start: Instant) -> Self {
        let terminal =
            std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|t| t != "dumb");
        let bar = (level > Level::Quiet && terminal).then(|| {
            let bar =
                ProgressBar::with_draw_target(Some(1000), ProgressDrawTarget::stderr_with_hz(15));
            if let Ok(style) =
                ProgressStyle::with_template("{bar:32} {percent:>3} %  {msg}  {elapsed}")
            {
                bar.set_style(style.progress_chars("█▌ "));
            }
            bar
        });
        Self {
            lines: level > Level::Quiet && bar.is_none(),
            bar,
            start,
            phase: String::new(),
            tenth: 0,
            log: Vec::new(),
        }
    }

    /// Shows the state: text key of the phase, what it concerns, and the share of the whole (0 to 1).
    pub fn show(&mut self, phase: &str, subject: &str, fraction: f64) {
        let text = match (phase, subject) {
            // A job that has not said yet what it does.
            ("", _) => self.phase.clone(),
            (key, "") => texts(Language::En).get(key),
            (key, subject) => format!("{} ({subject})", texts(Language::En).get(key)),
        };
        let fraction = fraction.clamp(0.0, 1.0);
        let tenth = (fraction * 10.0).floor() as u32;
        let new_phase = !text.is_empty() && text != self.phase;
        if new_phase {
            self.log("phase", json!({ "text": text, "key": phase }));
        }
        if let Some(bar) = &self.bar {
            bar.set_position((fraction * 1000.0) as u64);
            if new_phase {
                bar.set_message(text.clone());
            }
        } else if self.lines && (new_phase || tenth > self.tenth) {
            print::message(&format!("{:3.0} %  {text}", 100.0 * fraction));
        }
        self.tenth = self.tenth.max(tenth);
        if new_phase {
            self.phase = text;
        }
    }

    /// A line for people that stays on the screen.
    pub fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| print::message(text)),
            None => print::message(text),
        }
    }

    /// Adds an entry to the log file.
    pub fn log(&mut self, event: &str, facts: Value) {
        let seconds = (self.start.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
        let mut entry = json!({ "t_s": seconds, "event": event });
        if let (Some(entry), Value::Object(facts)) = (entry.as_object_mut(), facts) {
            entry.extend(facts);
        }
        self.log.push(entry);
    }

    /// The log as JSON lines.
    pub fn log_text(&self) -> String {
        self.log.iter().map(|entry| format!("{entry}\n")).collect()
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
