#![doc = include_str!("../README.md")]

pub mod checks;
mod error;
mod http;
mod report;
mod target;

pub use crate::{
    error::{Error, Result},
    report::{CaseResult, ExpectedFailure, Outcome, Report, Surprise},
    target::{Asset, Files, Keys, Target},
};

/// Runs every check in the target's dialect.
///
/// # Errors
/// The target cannot be asked at all; what it answers wrongly is in the report.
pub async fn run(target: &Target) -> Result<Report> {
    target.reachable().await?;
    let mut report = Report::new(target);
    checks::discovery(target, &mut report).await;
    checks::nonce(target, &mut report).await;
    checks::encrypt(target, &mut report).await;
    checks::decrypt(target, &mut report).await;
    checks::file_info(target, &mut report).await;
    checks::initialize(target, &mut report).await;
    checks::download(target, &mut report).await;
    checks::auth_token(target, &mut report).await;
    Ok(report)
}
