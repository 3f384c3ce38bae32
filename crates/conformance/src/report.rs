use std::{collections::BTreeSet, fmt, time::Duration};

use ocean_primitives::Dialect;

use crate::{http::Mismatch, target::Target};

/// How long one case may take.
const DEADLINE: Duration = Duration::from_secs(60);

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// As expected.
    Pass,
    /// Otherwise than expected.
    Fail {
        /// What had to be seen.
        expected: String,
        /// What was seen instead.
        seen: String,
    },
}

/// One case and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CaseResult {
    /// `endpoint/what-is-checked`.
    pub name: String,
    /// The requirement that departs from the original server, where there is one.
    pub requirement: Option<&'static str>,
    /// How it ended.
    pub outcome: Outcome,
}

/// Every case that was run, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The server that was asked.
    pub url: String,
    /// The dialect that it was asked in.
    pub dialect: Dialect,
    /// The cases.
    pub cases: Vec<CaseResult>,
}

/// A case that is known to fail on some server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExpectedFailure {
    /// The case's name.
    pub case: String,
    /// Why it fails there.
    pub reason: String,
}

impl ExpectedFailure {
    /// A known failure and its reason.
    pub fn new(case: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { case: case.into(), reason: reason.into() }
    }
}

/// What a list of known failures did not foresee.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Surprise {
    /// A case failed that nobody expected to.
    Failed(CaseResult),
    /// A case passed that was expected to fail: the list is out of date.
    Passed(ExpectedFailure),
    /// There is no case of that name.
    Unknown(ExpectedFailure),
}

impl Report {
    pub(crate) fn new(target: &Target) -> Self {
        Self { url: target.base_url.clone(), dialect: target.dialect, cases: Vec::new() }
    }

    /// Runs one case.
    pub(crate) async fn case(
        &mut self,
        name: &str,
        requirement: Option<&'static str>,
        check: impl Future<Output = Result<(), Mismatch>>,
    ) {
        let outcome = match tokio::time::timeout(DEADLINE, check).await {
            Ok(Ok(())) => Outcome::Pass,
            Ok(Err(Mismatch { expected, seen })) => Outcome::Fail { expected, seen },
            Err(_) => Outcome::Fail {
                expected: format!("an answer within {} s", DEADLINE.as_secs()),
                seen: "none".to_owned(),
            },
        };
        self.cases.push(CaseResult { name: name.to_owned(), requirement, outcome });
    }

    /// The cases that failed.
    pub fn failures(&self) -> impl Iterator<Item = &CaseResult> {
        self.cases.iter().filter(|case| case.outcome != Outcome::Pass)
    }

    /// How the report differs from what is known of the server; empty where it is as expected.
    pub fn surprises(&self, known: &[ExpectedFailure]) -> Vec<Surprise> {
        let expected: BTreeSet<&str> = known.iter().map(|failure| failure.case.as_str()).collect();
        let failed = self.failures().filter(|case| !expected.contains(case.name.as_str()));
        let mut surprises: Vec<_> = failed.cloned().map(Surprise::Failed).collect();
        for failure in known {
            match self.cases.iter().find(|case| case.name == failure.case) {
                Some(case) if case.outcome == Outcome::Pass => surprises.push(Surprise::Passed(failure.clone())),
                Some(_) => {}
                None => surprises.push(Surprise::Unknown(failure.clone())),
            }
        }
        surprises
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} in the dialect of {:?}", self.url, self.dialect)?;
        for CaseResult { name, requirement, outcome } in &self.cases {
            let requirement = requirement.map(|requirement| format!(" ({requirement})")).unwrap_or_default();
            match outcome {
                Outcome::Pass => writeln!(f, "pass  {name}{requirement}")?,
                Outcome::Fail { expected, seen } => {
                    writeln!(f, "FAIL  {name}{requirement}\n      expected {expected}\n      seen     {seen}")?;
                }
            }
        }
        let failed = self.failures().count();
        write!(f, "{} cases, {} passed, {failed} failed", self.cases.len(), self.cases.len() - failed)
    }
}

impl fmt::Display for Surprise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(case) => write!(f, "{} failed: {:?}", case.name, case.outcome),
            Self::Passed(known) => write!(f, "{} passed, although {}", known.case, known.reason),
            Self::Unknown(known) => write!(f, "there is no case {}", known.case),
        }
    }
}
