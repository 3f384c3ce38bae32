//! What the main job found, for people and for machines.

use std::{collections::BTreeMap, fmt, time::Duration};

use serde::Serialize;

/// What one step did.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct StepReport {
    /// The step, from 1.
    pub number: usize,
    /// What the step does, in a few words.
    pub name: String,
    /// How long it took.
    pub millis: u64,
    /// Gas of all blocks that were made during the step.
    pub gas: u64,
    /// What was measured and compared, by name.
    pub facts: BTreeMap<String, String>,
    /// Why it failed: what was expected, and what was seen.
    pub failure: Option<String>,
}

impl StepReport {
    /// Whether everything was as expected.
    pub fn passed(&self) -> bool {
        self.failure.is_none()
    }
}

impl fmt::Display for StepReport {
    /// One progress line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = if self.passed() { "ok" } else { "FAILED" };
        write!(f, "{} {}: {outcome} in {} ms", self.number, self.name, self.millis)?;
        if self.gas > 0 {
            write!(f, ", {} gas", self.gas)?;
        }
        match &self.failure {
            Some(reason) => write!(f, ": {reason}"),
            None => Ok(()),
        }
    }
}

/// The whole main job. Steps after a failed one are not run and not listed.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Report {
    /// Every step that was run, in order.
    pub steps: Vec<StepReport>,
    /// From the first step's start to the last one's end.
    pub millis: u64,
}

/// The step that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Failure {
    /// Its name.
    pub step: String,
    /// What was expected, and what was seen.
    pub reason: String,
}

impl Report {
    /// The step that failed, if one did.
    pub fn failure(&self) -> Option<Failure> {
        let step = self.steps.iter().find(|step| !step.passed())?;
        Some(Failure { step: step.name.clone(), reason: step.failure.clone().unwrap_or_default() })
    }

    /// Whether every step passed.
    pub fn passed(&self) -> bool {
        self.failure().is_none()
    }

    /// A table of step, time, gas and result, with what was found below it.
    pub fn table(&self) -> String {
        let width = self.steps.iter().map(|step| step.name.len()).max().unwrap_or(0).max("step".len());
        let line = |number: &str, name: &str, time: &str, gas: &str, result: &str| {
            format!("{number:>2}  {name:<width$}  {time:>9}  {gas:>12}  {result}\n")
        };
        let mut table = line("", "step", "time", "gas", "result");
        for step in &self.steps {
            let outcome = if step.passed() { "passed" } else { "FAILED" };
            let time = format!("{} ms", step.millis);
            table += &line(&step.number.to_string(), &step.name, &time, &grouped(step.gas), outcome);
        }
        let gas = self.steps.iter().map(|step| step.gas).sum();
        let outcome = if self.passed() { "passed" } else { "FAILED" };
        table += &line("", "all", &format!("{} ms", self.millis), &grouped(gas), outcome);
        for step in &self.steps {
            for (name, value) in &step.facts {
                table += &format!("{:>2}  {name}: {}\n", step.number, shortened(value));
            }
            if let Some(reason) = &step.failure {
                table += &format!("{:>2}  FAILED: {reason}\n", step.number);
            }
        }
        table
    }
}

/// What a step gathers while it runs.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// What the client says that the step's transactions used; none where some were not sent by it.
    pub(super) gas: Option<u64>,
    pub(super) facts: BTreeMap<String, String>,
}

impl Findings {
    pub(super) fn spent(&mut self, gas: u64) {
        *self.gas.get_or_insert_default() += gas;
    }

    pub(super) fn fact(&mut self, name: impl Into<String>, value: impl fmt::Display) {
        self.facts.insert(name.into(), value.to_string());
    }
}

/// Why a step failed.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum StepError {
    /// Something is not as it must be.
    #[error("expected {expected}, saw {seen}")]
    Unexpected {
        /// What must be.
        expected: String,
        /// What is.
        seen: String,
    },
    /// Something that must work does not.
    #[error("{doing}: {reason}")]
    Failed {
        /// What was being done.
        doing: String,
        /// The error and its causes.
        reason: String,
    },
}

pub(super) type Result<T, E = StepError> = std::result::Result<T, E>;

/// Compares what is with what must be; `what` names the thing.
pub(super) fn expect_eq<T: PartialEq + fmt::Debug>(what: &str, expected: T, seen: T) -> Result<()> {
    if expected == seen {
        return Ok(());
    }
    Err(StepError::Unexpected { expected: format!("{what} {expected:?}"), seen: format!("{seen:?}") })
}

/// Fails unless `holds`; `seen` is computed only then.
pub(super) fn expect(what: &str, holds: bool, seen: impl FnOnce() -> String) -> Result<()> {
    if holds {
        return Ok(());
    }
    Err(StepError::Unexpected { expected: what.to_owned(), seen: seen() })
}

/// Says what was being done when an error came, causes included.
pub(super) trait Doing<T> {
    fn doing(self, doing: impl fmt::Display) -> Result<T>;
}

impl<T, E: std::error::Error> Doing<T> for std::result::Result<T, E> {
    fn doing(self, doing: impl fmt::Display) -> Result<T> {
        self.map_err(|error| StepError::Failed { doing: doing.to_string(), reason: chain(&error) })
    }
}

/// An error and its causes in one line, without saying anything twice.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text += &format!(": {next}");
        }
        cause = error.source();
    }
    text
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap_or("")).collect();
    groups.join(",")
}

/// Transaction hashes and the like by their beginnings and ends: in a table they are recognised, not copied.
fn shortened(text: &str) -> String {
    let shorten = |word: &str| -> Option<String> {
        let start = word.find("0x").map(|at| at + 2).or_else(|| word.find("did:op:").map(|at| at + 7))?;
        let digits = word[start..].bytes().take_while(u8::is_ascii_hexdigit).count();
        let (head, tail) = (start + 6, start + digits);
        (digits >= 64).then(|| format!("{}\u{2026}{}", &word[..head], &word[tail - 4..]))
    };
    text.split(' ').map(|word| shorten(word).unwrap_or_else(|| word.to_owned())).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
