//! `ocean ddo validate`

use ocean_ddo::{
    Version,
    limits::MAX_VIOLATIONS,
    validate::{self, Profile, Report, Violation},
};
use serde::Serialize;
use serde_json::{Value, json};

use super::each;
use crate::{
    failure::{Outcome, Result},
    input::{Document, Input},
    paint::cut,
    place::Lines,
    terminal::Terminal,
};

/// How much of a pointer is shown: a key can have megabytes.
const POINTER: usize = 200;
const MESSAGE: usize = 300;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files, `-` for stdin, or URLs.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<Input>,

    /// Whose verdict.
    #[arg(long, value_enum, default_value_t)]
    profile: ProfileName,
}

/// Whose verdict is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum ProfileName {
    /// That of ddo.js 0.3.0, ocean.js and ocean-node; a wrong DID passes.
    #[value(name = "ddojs")]
    DdoJs,
    /// That of Aquarius 5.1.8.
    Aquarius,
    /// For what you publish: also identifier, addresses, dates, URLs, enums.
    #[default]
    Strict,
}

impl ProfileName {
    const fn name(self) -> &'static str {
        match self {
            Self::DdoJs => "ddojs",
            Self::Aquarius => "aquarius",
            Self::Strict => "strict",
        }
    }

    const fn profile(self) -> Profile {
        match self {
            Self::DdoJs => Profile::DdoJs,
            Self::Aquarius => Profile::Aquarius,
            Self::Strict => Profile::Strict,
        }
    }
}

pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result {
    each(&args.inputs, terminal, Input::read, |document, terminal| {
        let report = validate::validate(&document.raw, args.profile.profile());
        if terminal.is_json() {
            terminal.json(&machine(document, args.profile, &report));
        } else {
            people(document, args.profile, &report, terminal);
        }
        Outcome::when(report.valid)
    })
}

fn people(document: &Document, profile: ProfileName, report: &Report, terminal: &mut Terminal) {
    let paint = terminal.paint;
    let lines = Lines::new(document.raw.as_bytes());
    let places = document.raw.places();
    let name = &document.name;
    let mut findings: Vec<_> =
        report.violations.iter().map(|violation| (places.find(&violation.pointer), violation)).collect();
    // As a reader meets them.
    findings.sort_by_key(|(place, _)| place.start);
    for (place, violation) in findings {
        let pointer = match violation.pointer.as_str() {
            "" => "the document".to_owned(),
            pointer => cut(pointer, POINTER),
        };
        terminal.line(format_args!(
            "{}{} {} {}",
            paint.red("error"),
            paint.bold(&format!("[{}]:", violation.rule)),
            paint.bold(&pointer),
            cut(&violation.message, MESSAGE),
        ));
        let gutter = " ".repeat(place.line.to_string().len());
        terminal.line(format_args!("{gutter}{} {name}:{}:{}", paint.blue("-->"), place.line, place.column));
        // Where something is missing, the beginning of what should hold it is marked, and not all of it.
        let end = if place.exact { place.end } else { place.start + 1 };
        terminal.line(lines.excerpt(place.start..end, paint));
        terminal.line(format_args!("{gutter} {} {}{}", paint.blue("="), violation.advice(), origin(violation)));
        terminal.line("");
    }
    let version = match &report.version {
        Some(version) => format!("version {}", cut(version, 32)),
        None => "no version".to_owned(),
    };
    let verdict = if report.valid { paint.green("valid") } else { paint.red("invalid") };
    let count = match report.violations.len() {
        0 => String::new(),
        1 => ", 1 finding".to_owned(),
        count if count >= MAX_VIOLATIONS => format!(", {count} findings and possibly more"),
        count => format!(", {count} findings"),
    };
    terminal.line(format_args!("{name}: {verdict} ({}, {version}{count})", profile.name()));
}

/// Whose rule it is, and in which versions.
fn origin(violation: &Violation) -> String {
    let names = |names: Vec<&str>| names.join(", ");
    match (violation.sources.as_slice(), violation.versions.as_slice()) {
        ([], _) => String::new(),
        (sources, []) => format!(" (rule of {})", names(sources.iter().map(|source| source.as_str()).collect())),
        (sources, versions) => format!(
            " (rule of {} for {})",
            names(sources.iter().map(|source| source.as_str()).collect()),
            names(versions.iter().map(Version::as_str).collect()),
        ),
    }
}

/// A violation with its place.
#[derive(Serialize)]
struct Finding<'a> {
    #[serde(flatten)]
    violation: &'a Violation,
    advice: &'static str,
    line: usize,
    column: usize,
}

fn machine(document: &Document, profile: ProfileName, report: &Report) -> Value {
    let places = document.raw.places();
    let violations: Vec<Value> = report
        .violations
        .iter()
        .map(|violation| {
            let place = places.find(&violation.pointer);
            json!(Finding { violation, advice: violation.advice(), line: place.line, column: place.column })
        })
        .collect();
    let mut object = json!({
        "input": document.name,
        "profile": profile.name(),
        "version": report.version,
        "supported": !report.is_unsupported(),
        "valid": report.valid,
        "violations": violations,
    });
    match profile {
        ProfileName::DdoJs => object["errors"] = json!(report.ddojs_errors()),
        ProfileName::Aquarius => object["errors"] = json!(report.aquarius_errors()),
        ProfileName::Strict => {}
    }
    object
}
