//! What a report reads: the run, its changes, and the look-ups that all sections share.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::city::City;
use crate::report::escape::{escape, shortened};
use crate::report::maps::{Shown, VariantChange, variant_name};
use crate::report::sun::{self, FacadeDay};
use crate::report::{access, flood, shuttle, traffic, wind};
use crate::result::write::variant_folder;
use crate::result::{Field, RunResult, SimulationResult, Table};
use crate::text::{Arg, Texts};

/// Rows of the tables of buildings and of own points; the rest is in the CSV.
pub(super) const SHORT_ROWS: usize = 20;
/// Rows of the table of largest losses.
pub(super) const TOP_ROWS: usize = 12;

pub(super) struct Report<'a> {
    pub(super) run: &'a RunResult,
    pub(super) changes: &'a [Vec<Option<VariantChange>>],
    pub(super) texts: &'static Texts,
    /// Variants after the baseline, in order.
    pub(super) cities: Vec<&'a City>,
}

impl<'a> Report<'a> {
    pub(super) fn t(&self, key: &str) -> String {
        escape(&self.texts.get(key))
    }

    pub(super) fn heading(&self, out: &mut String, key: &str) {
        let _ = writeln!(out, "<h2>{}</h2>", self.t(key));
    }

    /// The heading of a section before its first variant, and the name of the variant where there are several.
    pub(super) fn side_heading(&self, out: &mut String, key: &str, before: usize, variant: usize) {
        if before == 0 {
            self.heading(out, key);
        }
        if self.run.variants.len() > 2 {
            let _ = writeln!(out, "<h3>{}</h3>", escape(&self.name(variant)));
        }
    }

    /// The result of a simulation for a variant.
    pub(super) fn simulation(&self, variant: usize, name: &str) -> Option<&'a SimulationResult> {
        let simulations = &self.run.variants.get(variant)?.simulations;
        let mut all = simulations.iter();
        all.find(|s| s.simulation == name).map(|s| &**s)
    }

    /// Its change against the baseline.
    pub(super) fn change(&self, variant: usize, name: &str) -> Option<&'a VariantChange> {
        let simulations = &self.run.variants.get(variant)?.simulations;
        let i = simulations.iter().position(|s| s.simulation == name)?;
        self.changes.get(variant)?.get(i)?.as_ref()
    }

    /// The baseline beside a variant, where it is not the variant itself.
    pub(super) fn baseline(&self, variant: usize, name: &str) -> Option<&'a SimulationResult> {
        self.simulation(0, name).filter(|_| variant > 0)
    }

    /// A field of a simulation for a variant.
    pub(super) fn field(&self, variant: usize, name: &str, id: &str) -> Option<&'a Field> {
        let mut fields = self.simulation(variant, name)?.fields.iter();
        fields.find(|f| f.id == id)
    }

    /// Change of a field of a simulation against the baseline.
    pub(super) fn difference(&self, variant: usize, name: &str, id: &str) -> Option<&'a Field> {
        let mut fields = self.change(variant, name)?.fields.iter().map(|d| &d.field);
        fields.find(|f| f.id.strip_suffix("_difference") == Some(id))
    }

    /// Results of a simulation with the names of their variants: of all variants that have it.
    pub(super) fn all_sides(&self, name: &str) -> Vec<(String, &'a SimulationResult)> {
        (0..self.run.variants.len())
            .filter_map(|v| Some((self.name(v), self.simulation(v, name)?)))
            .collect()
    }

    /// For each variant that is answered for: the baseline, where there is another, and the variant itself, with their names.
    pub(super) fn answered_sides(
        &self,
        name: &str,
    ) -> Vec<(usize, Vec<(String, &'a SimulationResult)>)> {
        let mut answered = Vec::new();
        for variant in self.answered() {
            let Some(simulation) = self.simulation(variant, name) else {
                continue;
            };
            let mut sides = Vec::new();
            sides.extend(self.baseline(variant, name).map(|old| (self.name(0), old)));
            sides.push((self.name(variant), simulation));
            answered.push((variant, sides));
        }
        answered
    }

    /// The sun study of a variant.
    pub(super) fn sun(&self, variant: usize) -> Option<&'a SimulationResult> {
        self.simulation(variant, sun::SIMULATION)
    }

    /// Change of the sun study of a variant against the baseline.
    pub(super) fn sun_change(&self, variant: usize) -> Option<&'a VariantChange> {
        self.change(variant, sun::SIMULATION)
    }

    /// The water of a variant.
    pub(super) fn flood(&self, variant: usize) -> Option<&'a SimulationResult> {
        self.simulation(variant, flood::SIMULATION)
    }

    /// The shuttles of a variant.
    pub(super) fn shuttle(&self, variant: usize) -> Option<&'a SimulationResult> {
        self.simulation(variant, shuttle::SIMULATION)
    }

    /// The traffic of a variant.
    pub(super) fn traffic(&self, variant: usize) -> Option<&'a SimulationResult> {
        self.simulation(variant, traffic::SIMULATION)
    }

    /// The access of a variant.
    pub(super) fn access(&self, variant: usize) -> Option<&'a SimulationResult> {
        self.simulation(variant, access::SIMULATION)
    }

    /// True when the report is about more than one simulation, so that parts of it need a name.
    pub(super) fn mixed(&self) -> bool {
        let mut variants = self.run.variants.iter();
        variants.any(|v| v.simulations.len() > 1)
    }

    /// Variants the report answers for: all but the baseline, or the baseline when it stands alone.
    pub(super) fn answered(&self) -> Vec<usize> {
        match self.run.variants.len() {
            0 => Vec::new(),
            1 => vec![0],
            n => (1..n).collect(),
        }
    }

    pub(super) fn facade_day(&self, variant: usize, date: &str) -> Option<FacadeDay> {
        let baseline = self.baseline(variant, sun::SIMULATION);
        let change = self.sun_change(variant);
        let changed = change.map_or_else(BTreeSet::new, |c| c.objects.changed_ids());
        sun::facade_day(baseline, self.sun(variant)?, date, &changed)
    }

    pub(super) fn name(&self, variant: usize) -> String {
        variant_name(self.run, variant, self.texts)
    }

    /// A title below the name of its variant.
    pub(super) fn titled(&self, variant: usize, title: String) -> String {
        if variant > 0 {
            return format!("{}, {title}", self.name(variant));
        }
        title
    }

    /// Names of some variants; one word for all of them.
    pub(super) fn names(&self, variants: &[usize]) -> String {
        if variants.len() > 1 && variants.len() == self.run.variants.len() {
            return self.texts.get("report-finding-all");
        }
        let names = variants.iter().map(|v| shortened(&self.name(*v), 40));
        names.collect::<Vec<_>>().join(", ")
    }

    /// Cities in which ids of a variant are looked up: its own, then the baseline.
    pub(super) fn cities_of(&self, variant: usize) -> Vec<&'a City> {
        let own = self.cities.get(variant).copied();
        own.into_iter()
            .chain(self.cities.first().copied())
            .collect()
    }

    pub(super) fn label(&self, id: &str) -> String {
        sun::building_label(&self.cities, id)
    }

    pub(super) fn csv(&self, variant: usize, table: &str) -> String {
        format!("{}/{table}.csv", variant_folder(self.run, variant))
    }

    /// A note that the rest of a table stands in a file; `key` is its text.
    pub(super) fn more(&self, out: &mut String, key: &str, all: usize, shown: usize, file: String) {
        if all > shown {
            let args = [("count", Arg::from(all - shown)), ("file", Arg::from(file))];
            let more = self.texts.with(key, &args);
            let _ = writeln!(out, r#"<p class="quiet small">{}</p>"#, escape(&more));
        }
    }
}

/// What a map of a variant shows: the baseline is one too.
pub(super) fn shown_of(variant: usize) -> Shown {
    if variant == 0 {
        Shown::Baseline
    } else {
        Shown::Variant
    }
}

/// Text key of the name of a simulation.
pub(super) fn simulation_title(name: &str) -> &'static str {
    match name {
        flood::SIMULATION => "report-flood",
        wind::SIMULATION => "report-wind",
        traffic::SIMULATION => "report-traffic",
        access::SIMULATION => "report-access",
        shuttle::SIMULATION => "report-shuttle",
        _ => "report-sun",
    }
}

/// The table of a simulation with this id.
pub(super) fn table<'a>(simulation: &'a SimulationResult, id: &str) -> Option<&'a Table> {
    simulation.tables.iter().find(|t| t.id == id)
}
