//! The recording of ddo.js and Aquarius, line by line.

use std::collections::BTreeSet;

use ocean_ddo::validate::{Profile, validate};
use serde_json::{Value, json};

use crate::{mutants, sample};

#[test]
fn ddojs_verdicts_keys_and_texts() {
    let mut wrong = Vec::new();
    let mutants = mutants();
    for mutant in &mutants {
        let report = validate(&mutant.document, Profile::DdoJs);
        let mut errors = json!(report.ddojs_errors());
        if let Some(general) = errors.get_mut("general") {
            // Under this key the peer writes a stack trace.
            *general = json!([]);
        }
        let ours = json!({ "valid": report.valid, "errors": errors });
        if ours != mutant.ddojs {
            wrong.push(format!("{} {}: {ours} is not {}", mutant.line, mutant.name, mutant.ddojs));
        }
        assert_eq!(report.valid, report.violations.is_empty(), "{}", mutant.name);
    }
    assert_eq!(mutants.len(), 320);
    assert!(wrong.is_empty(), "{} of 320 agree; these do not:\n{}", 320 - wrong.len(), wrong.join("\n"));
}

#[test]
fn aquarius_verdicts_and_keys() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for mutant in mutants() {
        let Some(theirs) = mutant.aquarius else { continue };
        seen += 1;
        let report = validate(&mutant.document, Profile::Aquarius);
        let ours = report.aquarius_errors();
        let keys: BTreeSet<&str> = ours.keys().map(String::as_str).collect();
        let their_keys: BTreeSet<&str> = theirs["errors"].as_object().unwrap().keys().map(String::as_str).collect();
        if theirs["valid"] != Value::Bool(report.valid) || keys != their_keys {
            wrong.push(format!("{} {}: {ours:?} is not {theirs}", mutant.line, mutant.name));
        }
        // Aquarius pairs texts and paths by position, so that only single errors can be compared.
        if their_keys.len() == 1 && keys == their_keys && json!(ours) != theirs["errors"] {
            wrong.push(format!("{} {}: text {ours:?} is not {theirs}", mutant.line, mutant.name));
        }
    }
    assert_eq!(seen, 55);
    assert!(wrong.is_empty(), "{} of 55 agree; these do not:\n{}", 55 - wrong.len(), wrong.join("\n"));
}

/// What JSON-LD gives a meaning to, as jsonld.js reads it.
#[test]
fn keywords_contexts_and_nests() {
    #[derive(serde::Deserialize)]
    struct Case {
        base: String,
        pointer: String,
        value: Value,
        valid: bool,
        keys: Vec<String>,
    }
    let mut wrong = Vec::new();
    let cases = include_str!("../fixtures/keywords.jsonl").lines();
    for case in cases.map(|line| serde_json::from_str::<Case>(line).unwrap()) {
        let document = sample(&case.base).set(&case.pointer, &case.value).unwrap();
        let report = validate(&document, Profile::DdoJs);
        let keys: Vec<_> = report.ddojs_errors().into_keys().collect();
        if (report.valid, &keys) != (case.valid, &case.keys) {
            wrong.push(format!(
                "{} = {}: {} {keys:?} is not {} {:?}",
                case.pointer, case.value, report.valid, case.valid, case.keys
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
