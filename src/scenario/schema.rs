//! The JSON Schema of the scenario file, made from the types of [`super::model`].
//!
//! It is the one place of types, ranges and names: `planspiel schema` prints it, [`super::validate`] checks files against
//! it, and its descriptions are the doc comments.

use std::sync::OnceLock;

use serde_json::Value;

use super::Scenario;

/// The schema as JSON (draft 2020-12).
pub fn scenario_schema() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let mut schema = schemars::schema_for!(Scenario).to_value();
        without_null(&mut schema);
        if let Some(root) = schema.as_object_mut() {
            root.insert(
                "title".to_owned(),
                Value::from("Planspiel scenario, version 1"),
            );
        }
        schema
    })
}

/// TOML has no null: an optional field is simply left out.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|t| t != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    object.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
                choices.retain(|c| c["type"] != "null");
                if let [Value::Object(only)] = choices.as_slice() {
                    let only = only.clone();
                    object.remove("anyOf");
                    for (key, value) in only {
                        object.entry(key).or_insert(value);
                    }
                }
            }
            if object.get("default") == Some(&Value::Null) {
                object.remove("default");
            }
            object.values_mut().for_each(without_null);
        }
        Value::Array(items) => items.iter_mut().for_each(without_null),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_described_and_every_table_is_closed() {
        fn walk(path: &str, schema: &Value) {
            if let Some(properties) = schema["properties"].as_object() {
                assert_eq!(
                    schema["additionalProperties"],
                    Value::Bool(false),
                    "{path} takes unknown fields"
                );
                for (name, field) in properties {
                    let tag = field.get("const").is_some();
                    assert!(
                        tag || field["description"].as_str().is_some_and(|d| d.len() > 5),
                        "{path}.{name} has no description"
                    );
                    walk(&format!("{path}.{name}"), field);
                }
            }
            for choice in schema["oneOf"].as_array().into_iter().flatten() {
                walk(path, choice);
            }
            for (name, definition) in schema["$defs"].as_object().into_iter().flatten() {
                walk(name, definition);
            }
        }
        walk("scenario", scenario_schema());
    }

    #[test]
    fn ranges_of_the_doc_comments_are_those_of_the_schema() {
        // Each "A to B" in a description must be the range of the field, and each range must be described.
        fn walk(path: &str, schema: &Value, seen: &mut usize) {
            let Some(object) = schema.as_object() else {
                return;
            };
            let inner = object.get("items").filter(|i| i.get("minimum").is_some());
            let holder = inner.unwrap_or(schema);
            if let (Some(min), Some(max), Some(text)) = (
                holder["minimum"].as_f64(),
                holder["maximum"].as_f64(),
                object.get("description").and_then(Value::as_str),
            ) {
                let said = format!("{min} to {max}");
                assert!(
                    text.contains(&said),
                    "{path}: `{text}` does not say `{said}`"
                );
                *seen += 1;
            }
            for key in ["properties", "$defs"] {
                for (name, field) in object
                    .get(key)
                    .and_then(Value::as_object)
                    .into_iter()
                    .flatten()
                {
                    walk(&format!("{path}.{name}"), field, seen);
                }
            }
            for choice in object
                .get("oneOf")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                walk(path, choice, seen);
            }
        }
        let mut seen = 0;
        walk("scenario", scenario_schema(), &mut seen);
        assert!(seen >= 17, "only {seen} ranges");
    }

    #[test]
    fn no_null_is_left() {
        assert!(!scenario_schema().to_string().contains("null"));
    }
}
