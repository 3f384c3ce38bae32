//! Tests of documents.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod builder;
mod convert;
mod credentials;
mod files;
mod findings;
mod forms;
mod indexed;
mod limits;
mod mutants;
mod raw;
mod rules;
mod schema;
mod serialise;
mod state;
mod strict;
mod view;

use ocean_ddo::RawDdo;

/// A line of the recording.
pub(crate) struct Mutant {
    pub(crate) line: usize,
    pub(crate) name: String,
    /// The document's text as it stands in the recording.
    pub(crate) document: RawDdo,
    pub(crate) ddojs: serde_json::Value,
    pub(crate) aquarius: Option<serde_json::Value>,
}

pub(crate) fn mutants() -> Vec<Mutant> {
    #[derive(serde::Deserialize)]
    struct Line<'a> {
        name: String,
        #[serde(borrow)]
        ddo: &'a serde_json::value::RawValue,
        ddojs: serde_json::Value,
        aquarius: Option<serde_json::Value>,
    }
    let lines = include_str!("../fixtures/mutants_320.jsonl").lines().enumerate();
    lines
        .map(|(index, text)| {
            let Line { name, ddo, ddojs, aquarius } = serde_json::from_str(text).unwrap();
            Mutant { line: index + 1, name, document: RawDdo::parse(ddo.get()).unwrap(), ddojs, aquarius }
        })
        .collect()
}

/// A valid document that uses every field of its version.
pub(crate) fn sample(name: &str) -> RawDdo {
    let name = format!("{name}|base");
    mutants().into_iter().find(|mutant| mutant.name == name).unwrap().document
}
