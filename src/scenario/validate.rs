//! Checks a TOML document against the schema, then against the rules a schema cannot say. Finds every fault, not the first.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::city::sources::Roots;
use crate::geo::Crs;

use super::access_rules::{access_faults, transit_edit_faults};
use super::fault::{Fault, list_of, nearest, shown};
use super::flood_rules::flood_faults;
use super::schema::scenario_schema;
use super::shuttle_rules::{shuttle_edit_faults, shuttle_faults};
use super::traffic_rules::{traffic_edit_faults, traffic_faults};
use super::wind_rules::wind_faults;
use super::{Edit, Scenario, ranges};

/// Version of the file format that this program reads and writes.
pub const FORMAT_VERSION: u64 = 1;

/// One step of a field path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    /// Position from 0.
    Item(usize),
}

/// `variant[1].edit[2].height_m`, counted from 1 as people do.
pub(crate) fn path_text(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(&shown(key));
            }
            Step::Item(i) => text.push_str(&format!("[{}]", i + 1)),
        }
    }
    text
}

/// Steps of a path as [`path_text`] writes it.
fn steps_of(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let mut pieces = part.split('[');
        steps.extend(pieces.next().map(Step::from));
        steps.extend(pieces.filter_map(|piece| {
            let number: usize = piece.trim_end_matches(']').parse().ok()?;
            Some(Step::Item(number.saturating_sub(1)))
        }));
    }
    steps
}

/// The document with line numbers.
pub(crate) struct Document<'a> {
    pub(crate) text: &'a str,
    pub(crate) table: Spanned<DeTable<'a>>,
}

impl Document<'_> {
    pub(crate) fn line_at(&self, offset: usize) -> usize {
        line_at(self.text, offset)
    }

    /// Line of the value at a path; of its nearest existing parent otherwise.
    pub(crate) fn line_of(&self, path: &[Step]) -> Option<usize> {
        let mut offset = None;
        let mut table = Some(self.table.get_ref());
        let mut value: Option<&DeValue<'_>> = None;
        for step in path {
            let next = match step {
                Step::Key(key) => table.and_then(|t| t.get(key.as_str())),
                Step::Item(i) => value.and_then(|v| v.as_array()?.get(*i)),
            };
            let Some(next) = next else { break };
            offset = Some(next.span().start);
            value = Some(next.get_ref());
            table = next.get_ref().as_table();
        }
        offset.map(|o| self.line_at(o))
    }
}

pub(crate) fn line_at(text: &str, offset: usize) -> usize {
    let end = offset.min(text.len());
    text.as_bytes()[..end]
        .iter()
        .filter(|b| **b == b'\n')
        .count()
        + 1
}

/// Walks a document along the schema.
pub(crate) struct Checker<'a> {
    document: &'a Document<'a>,
    file: &'a str,
    pub(crate) faults: Vec<Fault>,
    path: Vec<Step>,
    /// Line where the innermost table starts.
    line: usize,
}

impl<'a> Checker<'a> {
    pub(crate) fn new(document: &'a Document<'a>, file: &'a str) -> Self {
        Self {
            document,
            file,
            faults: Vec::new(),
            path: Vec::new(),
            line: 1,
        }
    }

    /// Types, names, enumerations, ranges and required fields.
    pub(crate) fn check_structure(&mut self) {
        self.check_table(scenario_schema(), self.document.table.get_ref());
    }

    /// Sets the line of the innermost table; returns that of the outer one.
    fn enter(&mut self, line: Option<usize>) -> usize {
        let outer = self.line;
        self.line = line.unwrap_or(outer);
        outer
    }

    fn push(&mut self, line: Option<usize>, fault: Fault) {
        let field = path_text(&self.path);
        self.faults
            .push(fault.file(self.file).field(field).line(line));
    }

    fn check_value(&mut self, schema: &Value, value: &Spanned<DeValue<'_>>) {
        let schema = resolved(schema);
        let line = Some(self.document.line_at(value.span().start));
        let inner = value.get_ref();
        if let Some(choices) = schema["oneOf"].as_array() {
            if choices.iter().any(|c| c["properties"].is_object()) {
                self.check_tagged(choices, value);
            } else {
                let names: Vec<&str> = choices.iter().filter_map(|c| c["const"].as_str()).collect();
                self.check_name(&names, inner, line);
            }
            return;
        }
        if let Some(names) = schema["enum"].as_array() {
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            self.check_name(&names, inner, line);
            return;
        }
        let wanted = schema["type"].as_str().unwrap_or("any");
        match (wanted, inner) {
            ("object", DeValue::Table(table)) => {
                let outer = self.enter(line);
                self.check_table(schema, table);
                self.line = outer;
            }
            ("array", DeValue::Array(items)) => self.check_items(schema, items, line),
            ("string", DeValue::String(text)) => {
                if schema["minLength"].as_u64() == Some(1) && text.trim().is_empty() {
                    let fault = Fault::new("empty", format!("{} is empty", self.name()));
                    self.push(line, fault.expected("some text").found("nothing"));
                }
            }
            ("boolean", DeValue::Boolean(_)) | ("any", _) => {}
            ("integer", DeValue::Integer(number)) => {
                let found = i128::from_str_radix(number.as_str(), number.radix());
                let max = match schema["format"].as_str() {
                    Some("uint32") => u32::MAX.into(),
                    // TOML integers are signed 64-bit numbers (specification 1.0, "Integer").
                    _ => i64::MAX.into(),
                };
                let high = schema["maximum"].as_f64().map_or(max, |m| m as i128);
                let low = schema["minimum"]
                    .as_f64()
                    .map_or(i64::MIN.into(), |m| m as i128);
                if !found.is_ok_and(|n| (low..=high).contains(&n)) {
                    self.out_of_range(line, schema, &format!("{low} to {high}"), number.as_str());
                }
            }
            ("number", DeValue::Integer(number)) => {
                let found = i128::from_str_radix(number.as_str(), number.radix());
                self.check_number(
                    schema,
                    found.map_or(f64::NAN, |n| n as f64),
                    number.as_str(),
                    line,
                );
            }
            ("number", DeValue::Float(number)) => {
                let found = number.as_str().parse().unwrap_or(f64::NAN);
                self.check_number(schema, found, number.as_str(), line);
            }
            _ => self.wrong_type(schema, inner, line),
        }
    }

    fn check_number(&mut self, schema: &Value, found: f64, written: &str, line: Option<usize>) {
        if !found.is_finite() {
            let fault = Fault::new(
                "not-finite",
                format!("{} is not a finite number", self.name()),
            )
            .expected(expected_number(schema))
            .found(format!("`{}`", shown(written)));
            self.push(line, fault);
            return;
        }
        let low = schema["minimum"].as_f64().unwrap_or(f64::NEG_INFINITY);
        let high = schema["maximum"].as_f64().unwrap_or(f64::INFINITY);
        if !(low..=high).contains(&found) {
            self.out_of_range(line, schema, &range_text(low, high), written);
        }
    }

    fn out_of_range(&mut self, line: Option<usize>, schema: &Value, range: &str, written: &str) {
        let fault = Fault::new("out-of-range", format!("{} is out of range", self.name()))
            .expected(range)
            .found(format!("`{}`", shown(written)))
            .maybe_help(description(schema));
        self.push(line, fault);
    }

    fn wrong_type(&mut self, schema: &Value, found: &DeValue<'_>, line: Option<usize>) {
        let mut fault = Fault::new("wrong-type", format!("{} has the wrong type", self.name()))
            .expected(expected_type(schema))
            .found(found_text(found));
        match (schema["type"].as_str(), found) {
            (Some("number" | "integer"), DeValue::String(text)) => {
                let digits: String = text
                    .trim()
                    .replace(',', ".")
                    .chars()
                    .take_while(|c| c.is_ascii_digit() || matches!(c, '.' | '-'))
                    .collect();
                if digits.parse::<f64>().is_ok() {
                    fault = fault.help(format!(
                        "write the number without quotes and unit: `{} = {digits}`",
                        self.last_key()
                    ));
                }
            }
            (Some("string"), DeValue::Datetime(date)) => {
                fault = fault.help(format!("write it in quotes: \"{date}\""));
            }
            (Some("string"), _) => fault = fault.help("write it in quotes"),
            _ => {}
        }
        self.push(line, fault);
    }

    fn check_items(&mut self, schema: &Value, items: &[Spanned<DeValue<'_>>], line: Option<usize>) {
        let least = schema["minItems"].as_u64().unwrap_or(0);
        let most = schema["maxItems"].as_u64().unwrap_or(u64::MAX);
        let found = items.len() as u64;
        if !(least..=most).contains(&found) {
            let expected = if least == most {
                format!("{least} values")
            } else if most == u64::MAX {
                format!("at least {least} values")
            } else {
                format!("{least} to {most} values")
            };
            let fault = Fault::new(
                "wrong-length",
                format!("{} has the wrong length", self.name()),
            )
            .expected(expected)
            .found(found.to_string());
            self.push(line, fault);
            if found > most {
                return;
            }
        }
        for (i, item) in items.iter().enumerate() {
            self.path.push(Step::Item(i));
            self.check_value(&schema["items"], item);
            self.path.pop();
        }
    }

    fn check_name(&mut self, names: &[&str], found: &DeValue<'_>, line: Option<usize>) {
        if let DeValue::String(text) = found {
            if names.contains(&text.as_ref()) {
                return;
            }
            let mut fault = Fault::new(
                "unknown-value",
                format!("`{}` is not a value of {}", shown(text), self.name()),
            )
            .expected(list_of(names));
            if let Some(near) = nearest(text, names.iter().copied()) {
                fault = fault.help(format!("did you mean `{near}`?"));
            }
            self.push(line, fault);
        } else {
            let fault = Fault::new("wrong-type", format!("{} has the wrong type", self.name()))
                .expected(list_of(names))
                .found(found_text(found));
            self.push(line, fault);
        }
    }

    /// A table whose `kind` says which fields it has.
    fn check_tagged(&mut self, choices: &[Value], value: &Spanned<DeValue<'_>>) {
        let line = Some(self.document.line_at(value.span().start));
        let kinds: Vec<&str> = choices
            .iter()
            .filter_map(|c| c["properties"]["kind"]["const"].as_str())
            .collect();
        let DeValue::Table(table) = value.get_ref() else {
            let fault = Fault::new("wrong-type", format!("{} has the wrong type", self.name()))
                .expected("a table")
                .found(found_text(value.get_ref()));
            self.push(line, fault);
            return;
        };
        let Some(kind) = table.get("kind") else {
            let fault = Fault::new("missing-field", format!("{} has no `kind`", self.owner()))
                .expected(list_of(&kinds));
            self.push(line, fault);
            return;
        };
        let chosen = choices
            .iter()
            .find(|c| c["properties"]["kind"]["const"].as_str() == kind.get_ref().as_str());
        if let Some(schema) = chosen {
            let outer = self.enter(line);
            self.check_table(schema, table);
            self.line = outer;
            return;
        }
        let line = Some(self.document.line_at(kind.span().start));
        self.path.push(Step::Key("kind".to_owned()));
        if let DeValue::String(text) = kind.get_ref() {
            let of_edit = matches!(self.path.first(), Some(Step::Key(key)) if key == "variant");
            let fault = if of_edit {
                let text = format!("`{}` is not a kind of edit", shown(text));
                Fault::new("unknown-edit", text)
            } else {
                let what = self.path.iter().rev().find_map(|step| match step {
                    Step::Key(key) if key != "kind" => Some(shown(key)),
                    _ => None,
                });
                let what = what.unwrap_or_default();
                let text = format!("`{}` is not a kind of `{what}`", shown(text));
                Fault::new("unknown-value", text)
            };
            let mut fault = fault.expected(list_of(&kinds));
            if let Some(near) = nearest(text, kinds.iter().copied()) {
                fault = fault.help(format!("did you mean `{near}`?"));
            }
            self.push(line, fault);
        } else {
            self.check_name(&kinds, kind.get_ref(), line);
        }
        self.path.pop();
    }

    fn check_table(&mut self, schema: &Value, table: &DeTable<'_>) {
        let Some(properties) = schema["properties"].as_object() else {
            return;
        };
        // Fields that a misspelt name was meant for are not reported as missing too.
        let mut meant: Vec<&str> = Vec::new();
        for (key, value) in table.iter() {
            let name = key.get_ref().as_ref();
            self.path.push(Step::Key(name.to_owned()));
            match properties.get(name) {
                // The tag was read before.
                Some(field) if field.get("const").is_some() => {}
                Some(field) => self.check_value(field, value),
                None => {
                    let free: Vec<&str> = properties
                        .keys()
                        .map(String::as_str)
                        .filter(|n| !table.contains_key(*n))
                        .collect();
                    let near = nearest(name, free);
                    meant.extend(near);
                    self.unknown(name, key.span().start, value.get_ref(), properties, near);
                }
            }
            self.path.pop();
        }
        for required in schema["required"].as_array().into_iter().flatten() {
            let Some(name) = required.as_str() else {
                continue;
            };
            if !table.contains_key(name) && !meant.contains(&name) {
                let mut fault =
                    Fault::new("missing-field", format!("{} has no `{name}`", self.owner()))
                        .expected(format!(
                            "`{name}`: {}",
                            expected_type(resolved(&properties[name]))
                        ));
                if let Some(text) = description(&properties[name]) {
                    fault = fault.help(text);
                }
                self.push(Some(self.line), fault);
            }
        }
    }

    fn unknown(
        &mut self,
        name: &str,
        offset: usize,
        value: &DeValue<'_>,
        properties: &serde_json::Map<String, Value>,
        near: Option<&str>,
    ) {
        let line = Some(self.document.line_at(offset));
        let names: Vec<&str> = properties.keys().map(String::as_str).collect();
        let last = self.path.pop();
        let top = self.path.is_empty();
        let fault = if top && value.is_table() {
            Fault::new(
                "unknown-table",
                format!("`{}` is not a simulation of this version", shown(name)),
            )
        } else {
            Fault::new(
                "unknown-field",
                format!("`{}` is not {}", shown(name), self.field_of()),
            )
        };
        self.path.extend(last);
        let fault = match near {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None if top && value.is_table() => {
                fault.help(format!("tables of a scenario are {}", list_of(&names)))
            }
            None => fault.help(format!("known are {}", list_of(&names))),
        };
        self.push(line, fault);
    }

    fn last_key(&self) -> String {
        let key = self.path.iter().rev().find_map(|s| match s {
            Step::Key(key) => Some(shown(key)),
            Step::Item(_) => None,
        });
        key.unwrap_or_default()
    }

    /// The value at the current path, as a sentence begins with it.
    fn name(&self) -> String {
        match self.path.last() {
            Some(Step::Item(i)) => format!("value {} of `{}`", i + 1, self.last_key()),
            _ => format!("`{}`", self.last_key()),
        }
    }

    /// The table at the current path in words.
    fn owner(&self) -> String {
        let table = self.document.table.get_ref();
        match self.path.as_slice() {
            [] => "the scenario".to_owned(),
            [Step::Key(key)] => format!("`[{}]`", shown(key)),
            [Step::Key(key), Step::Item(i)] if key == "variant" => variant_words(table, *i),
            [Step::Key(key), Step::Item(i), Step::Key(_), Step::Item(j)] if key == "variant" => {
                format!("edit {} of {}", j + 1, variant_words(table, *i))
            }
            [Step::Key(key), Step::Key(_), Step::Item(i)] if key == "city" => {
                format!("layer {} of the city", i + 1)
            }
            path => format!("`{}`", path_text(path)),
        }
    }

    fn field_of(&self) -> String {
        match self.path.as_slice() {
            [] => "a field of a scenario".to_owned(),
            [Step::Key(key), ..] if key == "sun" => "a setting of the sun simulation".to_owned(),
            [Step::Key(key)] if key == "flood" => "a setting of the flood simulation".to_owned(),
            [Step::Key(key)] if key == "wind" => "a setting of the wind simulation".to_owned(),
            [Step::Key(key)] if key == "access" => "a setting of access".to_owned(),
            [Step::Key(key)] if key == "traffic" => {
                "a setting of the traffic simulation".to_owned()
            }
            [Step::Key(key)] if key == "shuttles" => {
                "a setting of the shuttle simulation".to_owned()
            }
            _ => format!("a field of {}", self.owner()),
        }
    }
}

fn variant_words(table: &DeTable<'_>, index: usize) -> String {
    let name = table.get("variant").and_then(|v| {
        v.get_ref()
            .get(index)?
            .get_ref()
            .get("name")?
            .get_ref()
            .as_str()
    });
    match name {
        Some(name) => format!("variant `{}`", shown(name)),
        None => format!("variant {}", index + 1),
    }
}

/// Follows a reference into the definitions.
fn resolved(schema: &Value) -> &Value {
    match schema["$ref"].as_str() {
        Some(reference) => scenario_schema()
            .pointer(reference.trim_start_matches('#'))
            .unwrap_or(schema),
        None => schema,
    }
}

fn description(schema: &Value) -> Option<String> {
    let text = schema["description"].as_str()?;
    Some(text.replace('\n', " "))
}

fn range_text(low: f64, high: f64) -> String {
    match (low.is_finite(), high.is_finite()) {
        (true, true) => format!("{low} to {high}"),
        (true, false) => format!("at least {low}"),
        (false, true) => format!("at most {high}"),
        (false, false) => "a finite number".to_owned(),
    }
}

fn expected_number(schema: &Value) -> String {
    range_text(
        schema["minimum"].as_f64().unwrap_or(f64::NEG_INFINITY),
        schema["maximum"].as_f64().unwrap_or(f64::INFINITY),
    )
}

fn expected_type(schema: &Value) -> String {
    if let Some(choices) = schema["oneOf"].as_array().or(schema["enum"].as_array()) {
        let names: Vec<&str> = choices
            .iter()
            .filter_map(|c| c["const"].as_str().or(c.as_str()))
            .collect();
        if !names.is_empty() {
            return list_of(&names);
        }
    }
    match schema["type"].as_str() {
        Some("string") => "text in quotes".to_owned(),
        Some("boolean") => "`true` or `false`".to_owned(),
        Some("integer") => "a whole number".to_owned(),
        Some("number") => match expected_number(schema).as_str() {
            "a finite number" => "a number".to_owned(),
            range => format!("a number, {range}"),
        },
        Some("array") => {
            let items = match resolved(&schema["items"])["type"].as_str() {
                Some("number" | "integer") => "numbers",
                Some("string") => "texts",
                Some("array") => "lists",
                _ => "tables",
            };
            match (schema["minItems"].as_u64(), schema["maxItems"].as_u64()) {
                (Some(a), Some(b)) if a == b => format!("a list of {a} {items}"),
                _ => format!("a list of {items}"),
            }
        }
        _ => "a table".to_owned(),
    }
}

fn found_text(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("text `{}`", shown(text)),
        DeValue::Integer(n) => format!("the whole number {}", shown(n.as_str())),
        DeValue::Float(n) => format!("the number {}", shown(n.as_str())),
        DeValue::Boolean(b) => format!("`{b}`"),
        DeValue::Datetime(d) => format!("the date {d}"),
        DeValue::Array(items) => format!("a list of {}", items.len()),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// Rules beyond types and ranges, on a scenario that passed them.
pub(crate) fn check_rules(scenario: &Scenario, roots: &Roots) -> Vec<(Vec<Step>, Fault)> {
    let mut faults = Vec::new();
    let mut push = |path: Vec<Step>, fault: Fault| faults.push((path, fault));
    macro_rules! at {
        ($($step:expr),*) => { vec![$(Step::from($step)),*] };
    }

    let head = &scenario.scenario;
    if head.city.is_none() && scenario.city.layers.is_empty() {
        push(
            at!["scenario"],
            Fault::new("no-city", "the scenario names no city")
                .expected("`city` in `[scenario]`, or at least one `[[city.layer]]`")
                .help("for a first try write `city = \"sample:hafenquartier\"`"),
        );
    }
    if let Some(city) = &head.city
        && let Some(fault) = path_fault(city, roots)
    {
        push(at!["scenario", "city"], fault);
    }
    if let Some(crs) = &scenario.city.crs
        && let Some(fault) = crs_fault(crs)
    {
        push(at!["city", "crs"], fault);
    }
    for (i, layer) in scenario.city.layers.iter().enumerate() {
        if let Some(fault) = path_fault(&layer.path, roots) {
            push(at!["city", "layer", i, "path"], fault);
        }
        if let Some(fault) = layer.crs.as_deref().and_then(crs_fault) {
            push(at!["city", "layer", i, "crs"], fault);
        }
    }
    if scenario.site.latitude_deg.is_some() != scenario.site.longitude_deg.is_some() {
        push(
            at!["site"],
            Fault::new(
                "half-a-place",
                "`latitude_deg` and `longitude_deg` belong together",
            )
            .expected("both or none")
            .found("one of them"),
        );
    }
    if let Some(sun) = &scenario.sun {
        let mut seen = BTreeMap::new();
        for (i, date) in sun.dates.iter().enumerate() {
            if let Some(fault) = date_fault(date) {
                push(at!["sun", "dates", i], fault);
            } else if let Some(first) = seen.insert(date, i) {
                push(
                    at!["sun", "dates", i],
                    Fault::new("duplicate-date", format!("`{date}` is listed twice")).help(
                        format!("leave one of values {} and {} out", first + 1, i + 1),
                    ),
                );
            }
        }
        if let Some([west, south, east, north]) = sun.area
            && (west >= east || south >= north)
        {
            push(
                at!["sun", "area"],
                Fault::new("empty-area", "`area` is empty")
                    .expected("[west, south, east, north] with west < east and south < north")
                    .found(format!("[{west}, {south}, {east}, {north}]")),
            );
        }
        if let Some(fault) = sun.receivers.as_deref().and_then(|r| path_fault(r, roots)) {
            push(at!["sun", "receivers"], fault);
        }
    }
    if let Some(flood) = &scenario.flood {
        for (field, fault) in flood_faults(flood, roots) {
            push(steps_of(&format!("flood.{field}")), fault);
        }
    }
    if let Some(wind) = &scenario.wind {
        for (field, fault) in wind_faults(wind, roots) {
            push(steps_of(&format!("wind.{field}")), fault);
        }
    }
    if let Some(traffic) = &scenario.traffic {
        for (field, fault) in traffic_faults(traffic, roots) {
            push(steps_of(&format!("traffic.{field}")), fault);
        }
    }
    if let Some(access) = &scenario.access {
        for (field, fault) in access_faults(access, roots) {
            push(steps_of(&format!("access.{field}")), fault);
        }
    }
    if let Some(shuttles) = &scenario.shuttles {
        for (field, fault) in shuttle_faults(shuttles, scenario.traffic.is_some(), roots) {
            push(steps_of(&format!("shuttles.{field}")), fault);
        }
    }
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for (i, variant) in scenario.variants.iter().enumerate() {
        let name = variant.name.as_str();
        if name == "baseline" {
            push(
                at!["variant", i, "name"],
                Fault::new("duplicate-variant", "`baseline` is the city without edits")
                    .expected("another name")
                    .help("the baseline is always there and need not be listed"),
            );
        } else if let Some(first) = names.get(name) {
            push(
                at!["variant", i, "name"],
                Fault::new(
                    "duplicate-variant",
                    format!("two variants are named `{}`", shown(name)),
                )
                .expected("a name of its own")
                .found(format!("the name of variant {}", first + 1)),
            );
        } else {
            names.insert(name, i);
        }
        let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
        for (j, edit) in variant.edits.iter().enumerate() {
            if let Edit::AddBuilding { id, .. }
            | Edit::Place { id, .. }
            | Edit::AddTree { id, .. }
            | Edit::FloodWall { id, .. }
            | Edit::Breach { id, .. }
            | Edit::RaiseTerrain { id, .. } = edit
                && let Some(first) = ids.insert(id, j)
            {
                push(
                    at!["variant", i, "edit", j, "id"],
                    Fault::new(
                        "duplicate-id",
                        format!(
                            "edit {} of variant `{}` takes the id `{}` again",
                            j + 1,
                            shown(name),
                            shown(id)
                        ),
                    )
                    .expected("a new id")
                    .found(format!("the id of edit {}", first + 1)),
                );
            }
            if let Edit::Place { draft, .. } = edit
                && let Some(mut fault) = path_fault(draft, roots)
            {
                fault.text = format!(
                    "edit {} of variant `{}`: {}",
                    j + 1,
                    shown(name),
                    fault.text
                );
                push(at!["variant", i, "edit", j, "draft"], fault);
            }
            for (field, fault) in traffic_edit_faults(edit, scenario.traffic.is_some()) {
                let mut path = at!["variant", i, "edit", j];
                path.extend(steps_of(field));
                push(path, fault);
            }
            for (field, fault) in transit_edit_faults(edit, scenario.access.as_ref()) {
                let mut path = at!["variant", i, "edit", j];
                path.extend(steps_of(field));
                push(path, fault);
            }
            for (field, fault) in shuttle_edit_faults(edit, scenario.shuttles.as_ref()) {
                let mut path = at!["variant", i, "edit", j];
                path.extend(steps_of(field));
                push(path, fault);
            }
            let alternatives = match edit {
                Edit::FloodWall {
                    height_m,
                    crest_level_m,
                    ..
                } => Some((["height_m", "crest_level_m"], [height_m, crest_level_m])),
                Edit::RaiseTerrain { level_m, by_m, .. } => {
                    Some((["level_m", "by_m"], [level_m, by_m]))
                }
                _ => None,
            };
            if let Some((names, values)) = alternatives
                && values[0].is_some() == values[1].is_some()
            {
                let found = match values[0] {
                    Some(_) => "both",
                    None => "none of them",
                };
                push(
                    at!["variant", i, "edit", j],
                    Fault::new(
                        "alternatives",
                        format!(
                            "edit {} of variant `{}` must say one height",
                            j + 1,
                            shown(name)
                        ),
                    )
                    .expected(format!("exactly one of {}", list_of(&names)))
                    .found(found),
                );
            }
        }
    }
    faults
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(item: usize) -> Self {
        Self::Item(item)
    }
}

fn crs_fault(crs: &str) -> Option<Fault> {
    let error = Crs::parse(crs).err()?;
    Some(
        Fault::new(
            "unknown-crs",
            format!(
                "`{}` is not a known coordinate reference system",
                shown(crs)
            ),
        )
        .expected("an EPSG code such as `EPSG:25832`, or `local`")
        .help(shown(&error.to_string())),
    )
}

/// Whether this is a calendar day as `YYYY-MM-DD`, with a year of [`ranges::YEARS`].
pub fn is_day(date: &str) -> bool {
    let valid = || -> Option<bool> {
        let bytes = date.as_bytes();
        let digits = |range: std::ops::Range<usize>| -> Option<u32> {
            let part = date.get(range)?;
            part.bytes()
                .all(|b| b.is_ascii_digit())
                .then(|| part.parse().ok())?
        };
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return None;
        }
        let (year, month, day) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 => 28 + u32::from(leap),
            _ => return None,
        };
        let (first, last) = ranges::YEARS;
        Some((first..=last).contains(&(year as i32)) && (1..=days).contains(&day))
    };
    valid() == Some(true)
}

fn date_fault(date: &str) -> Option<Fault> {
    (!is_day(date)).then(|| {
        let (first, last) = ranges::YEARS;
        Fault::new("bad-date", format!("`{}` is not a day", shown(date)))
            .expected(format!("YYYY-MM-DD, years {first} to {last}"))
            .help("21 March 2027 is written `2027-03-21`")
    })
}

/// A path may name the folder of the scenario and what lies below it, or a place below the data root.
///
/// Only the words of the path are judged here; links are followed when the file is opened ([`Roots::resolve`]).
pub(crate) fn path_fault(path: &str, roots: &Roots) -> Option<Fault> {
    if path.trim().is_empty() {
        return Some(Fault::new("empty", "a path is empty").expected("the path of a file"));
    }
    if path.starts_with("sample:") {
        return None;
    }
    let (base, rest) = match (path.strip_prefix("data:"), &roots.data) {
        (Some(rest), Some(data)) => (data.clone(), rest),
        (Some(rest), None) => (PathBuf::from("/"), rest),
        (None, _) => (absolute(&roots.folder), path),
    };
    let target = normalised(&base.join(rest));
    let inside = |root: &Path| target.starts_with(normalised(&absolute(root)));
    let escapes = if path.starts_with("data:") {
        // Without a data root the prefix is judged as if there were one.
        Path::new(rest).is_absolute() || climbs(rest)
    } else {
        !inside(&roots.folder) && !roots.data.as_deref().is_some_and(inside)
    };
    escapes.then(|| {
        Fault::new(
            "path-outside",
            format!(
                "the path `{}` leaves the folder of the scenario",
                shown(path)
            ),
        )
        .expected(
            "a path below the scenario's folder, `data:PATH` below the data root, or `sample:NAME`",
        )
        .help("move the file below the scenario, or name its folder with --data DIR")
    })
}

fn climbs(path: &str) -> bool {
    let mut depth = 0_i64;
    Path::new(path).components().any(|component| {
        match component {
            Component::ParentDir => depth -= 1,
            Component::Normal(_) => depth += 1,
            _ => {}
        }
        depth < 0
    })
}

fn absolute(path: &Path) -> PathBuf {
    // The folder of a file that was named without one.
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Resolves `.` and `..` in words, without asking the disk.
fn normalised(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}
