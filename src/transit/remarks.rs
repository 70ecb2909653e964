//! What was left out or assumed while reading a feed: counted, with the first example.

use std::collections::BTreeMap;

use crate::finding::{Finding, Severity};

/// Counts of remarks.
#[derive(Debug, Default)]
pub struct Remarks {
    counted: BTreeMap<(Severity, &'static str, &'static str, &'static str), Seen>,
}

#[derive(Debug)]
struct Seen {
    count: usize,
    line: u64,
    example: String,
    expected: &'static str,
}

impl Remarks {
    /// Notes a row. `field` is its column, `found` what stands there.
    pub fn row(
        &mut self,
        code: &'static str,
        file: &'static str,
        line: u64,
        field: &'static str,
        found: &str,
        expected: &'static str,
    ) {
        self.note(Severity::Warning, code, file, line, field, found, expected);
    }

    /// Notes something that does not change numbers, or that GTFS allows.
    pub fn info(&mut self, code: &'static str, file: &'static str, line: u64, example: &str) {
        self.note(Severity::Info, code, file, line, "", example, "");
    }

    fn note(
        &mut self,
        severity: Severity,
        code: &'static str,
        file: &'static str,
        line: u64,
        field: &'static str,
        found: &str,
        expected: &'static str,
    ) {
        let seen = self.counted.entry((severity, code, file, field));
        let seen = seen.or_insert_with(|| Seen {
            count: 0,
            line,
            example: found.chars().take(60).collect(),
            expected,
        });
        seen.count += 1;
    }

    /// `12 x gtfs-unreadable (stop_times.txt arrival_time)`, for an error that says why nothing is left.
    pub fn summary(&self) -> String {
        let of = |((_, code, file, field), seen): (&(_, &str, &str, &str), &Seen)| {
            format!("{} x {code} ({file} {field})", seen.count)
        };
        let parts: Vec<String> = self.counted.iter().map(of).collect();
        if parts.is_empty() {
            "the tables have no rows".to_owned()
        } else {
            parts.join(", ")
        }
    }

    /// As findings: count, first place, example.
    pub fn findings(&self) -> Vec<Finding> {
        let finding = |((severity, code, file, field), seen): (
            &(Severity, &'static str, &'static str, &'static str),
            &Seen,
        )| {
            let finding = match severity {
                Severity::Info => Finding::info(code),
                Severity::Warning => Finding::warning(code),
            };
            let place = if seen.line > 0 {
                format!("{file}:{}", seen.line)
            } else {
                (*file).to_owned()
            };
            finding
                .place(place)
                .arg("count", seen.count)
                .arg("field", field)
                .arg("found", &seen.example)
                .arg("expected", seen.expected)
        };
        self.counted.iter().map(finding).collect()
    }
}
