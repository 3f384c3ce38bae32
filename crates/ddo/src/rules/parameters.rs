use std::collections::BTreeSet;

use serde_json::{Map, Number, Value};

use crate::ConsumerParameter;

/// How many names that nobody asked for are reported.
const MOST_UNKNOWN: usize = 16;

/// What is wrong with one consumer parameter.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{name}` {reason}")]
#[non_exhaustive]
pub struct ParameterProblem {
    /// The parameter.
    pub name: String,
    /// What is wrong with it.
    pub reason: ParameterReason,
}

/// What can be wrong with a consumer parameter.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParameterReason {
    /// It is required and was not given.
    #[error("is required: give a value")]
    Missing,
    /// No parameter has this name.
    #[error("is not asked for; the parameters are: {}", list(.known))]
    Unknown {
        /// The names there are.
        known: Vec<String>,
    },
    /// The value has another type.
    #[error("must be {expected}")]
    Type {
        /// What is expected.
        expected: &'static str,
    },
    /// The value is no choice of a `select`.
    #[error("must be one of: {}", list(.choices))]
    NotAChoice {
        /// The choices.
        choices: Vec<String>,
    },
    /// Nothing was given, and the default that the publisher wrote is not valid: {0}
    #[error("has an invalid default, give a value: it {0}")]
    Default(Box<ParameterReason>),
}

/// Checks the values a consumer gives against what a service or an algorithm asks, and completes them.
///
/// - `text` takes a text, `number` a number or a text that is one, `boolean` `true` or `false` or those words, `select` one of its choices.
///   A type that is none of these takes any single value.
/// - A parameter that is required must be given. Its default is what a form is filled with, not an answer.
/// - A parameter that is not required and not given gets its default, when it has one other than null or the empty text.
/// - A null counts as not given. A name that nobody asked for is a mistake.
///
/// The completed set holds numbers and booleans as such, and has the order of the parameters.
///
/// # Errors
/// Everything that is wrong, in the order of the parameters, unknown names last and at most 16 of them.
pub fn complete_parameters(
    parameters: &[ConsumerParameter],
    given: &Map<String, Value>,
) -> Result<Map<String, Value>, Vec<ParameterProblem>> {
    let mut completed = Map::new();
    let mut problems = Vec::new();
    let mut known = BTreeSet::new();
    for parameter in parameters {
        // Of parameters with equal names the first counts.
        if !known.insert(parameter.name.as_str()) {
            continue;
        }
        let given = given.get(&parameter.name).filter(|value| !value.is_null());
        let read = match given {
            Some(value) => read(parameter, value).map(Some),
            None if parameter.is_required() => Err(ParameterReason::Missing),
            None if parameter.default.is_null() || parameter.default == "" => Ok(None),
            None => read(parameter, &parameter.default)
                .map(Some)
                .map_err(|reason| ParameterReason::Default(Box::new(reason))),
        };
        match read {
            Ok(Some(value)) => {
                completed.insert(parameter.name.clone(), value);
            }
            Ok(None) => {}
            Err(reason) => problems.push(ParameterProblem { name: parameter.name.clone(), reason }),
        }
    }
    for name in given.keys().filter(|name| !known.contains(name.as_str())).take(MOST_UNKNOWN) {
        let known = parameters.iter().map(|parameter| parameter.name.clone()).collect();
        problems.push(ParameterProblem { name: name.clone(), reason: ParameterReason::Unknown { known } });
    }
    if problems.is_empty() { Ok(completed) } else { Err(problems) }
}

fn read(parameter: &ConsumerParameter, value: &Value) -> Result<Value, ParameterReason> {
    let fail = |expected| Err(ParameterReason::Type { expected });
    match (parameter.kind.as_str(), value) {
        ("text", Value::String(_)) | ("number", Value::Number(_)) | ("boolean", Value::Bool(_)) => Ok(value.clone()),
        ("text", _) => fail("a text"),
        ("number", Value::String(text)) => match serde_json::from_str::<Number>(text.trim()) {
            Ok(number) => Ok(Value::Number(number)),
            Err(_) => fail("a number"),
        },
        ("number", _) => fail("a number"),
        ("boolean", Value::String(text)) => match text.as_str() {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => fail("true or false"),
        },
        ("boolean", _) => fail("true or false"),
        ("select", _) => {
            let choices = choices(parameter);
            match text_of(value) {
                Some(text) if choices.contains(&text) => Ok(Value::String(text)),
                _ => Err(ParameterReason::NotAChoice { choices }),
            }
        }
        (_, Value::Array(_) | Value::Object(_)) => fail("a single value"),
        _ => Ok(value.clone()),
    }
}

/// The values that a `select` takes, from any of the forms in which `options` are written.
///
/// A list of texts (the schemas, ocean.py), a list of objects whose keys are the values and whose values are what people see (the
/// documentation, version 5), one such object, a text that holds one of these as JSON (version 4 of ddo.js), or one text.
pub fn choices(parameter: &ConsumerParameter) -> Vec<String> {
    fn collect(options: &Value, choices: &mut Vec<String>) {
        match options {
            Value::Array(items) => items.iter().for_each(|item| collect(item, choices)),
            Value::Object(object) => match (object.get("value"), object.contains_key("label")) {
                (Some(value), true) => choices.extend(text_of(value)),
                _ => choices.extend(object.keys().cloned()),
            },
            scalar => choices.extend(text_of(scalar)),
        }
    }
    let mut found = Vec::new();
    match &parameter.options {
        Some(Value::String(text)) => match serde_json::from_str::<Value>(text) {
            Ok(options @ (Value::Array(_) | Value::Object(_))) => collect(&options, &mut found),
            _ => found.push(text.clone()),
        },
        Some(options) => collect(options, &mut found),
        None => {}
    }
    found
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(bool) => Some(bool.to_string()),
        _ => None,
    }
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
