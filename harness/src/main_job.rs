//! The main job: publish, price, buy, order, download, edit, refuse; everything real, and every result compared.
//!
//! [`run`] takes a running [`Testbed`] and leaves its chain with three published assets and its clock moved forward.

mod blocks;
mod consume;
mod edit;
mod node;
mod order;
mod publish;
mod refuse;
mod report;
mod world;

use std::time::Instant;

pub use self::report::{Failure, Report, StepReport};
use self::{
    report::{Findings, Result, millis},
    world::World,
};
use crate::Testbed;

/// Does the main job on a running network and tells every step to `progress` when it ends.
///
/// It stops at the first step that fails; the report says what was expected there and what was seen.
pub async fn run(testbed: &Testbed, progress: &mut dyn FnMut(StepReport)) -> Report {
    let mut runner = Runner { report: Report::default(), progress, start: Instant::now() };
    let _ = steps(testbed, &mut runner).await;
    runner.report.millis = millis(runner.start.elapsed());
    runner.report
}

/// `None` as soon as a step has failed.
async fn steps(testbed: &Testbed, runner: &mut Runner<'_>) -> Option<()> {
    let mut found = Findings::default();
    let begin = Instant::now();
    let set = async {
        let world = World::new(testbed).await?;
        let assets = publish::run(&world, &mut found).await?;
        Ok((world, assets))
    }
    .await;
    let (world, assets) = runner.ended("publish three assets", begin, set, found)?;

    let mut found = Findings::default();
    let begin = Instant::now();
    let done = publish::check_served(&world, &assets, &mut found).await;
    runner.ended("served by Aquarius within 200 ms, as on chain", begin, done, found)?;

    let mut found = Findings::default();
    let begin = Instant::now();
    let done = order::run(&world, &assets, &mut found).await;
    let orders = runner.ended("quote, approve exactly, order", begin, done, found)?;

    let mut found = Findings::default();
    let begin = Instant::now();
    let done = consume::run(&world, &orders, &mut found).await;
    runner.ended("download, reuse, download again", begin, done, found)?;

    let mut found = Findings::default();
    let begin = Instant::now();
    let done = edit::run(&world, &assets, &mut found).await;
    runner.ended("edit metadata, forbid and allow orders", begin, done, found)?;

    let mut found = Findings::default();
    let begin = Instant::now();
    let done = refuse::run(&world, &assets, &orders, &mut found).await;
    runner.ended("refuse what must be refused", begin, done, found)?;

    let mut found = Findings::default();
    let begin = Instant::now();
    let done = node::run(&world, &assets, &mut found).await;
    runner.ended("order and download through the node", begin, done, found)
}

struct Runner<'a> {
    report: Report,
    progress: &'a mut dyn FnMut(StepReport),
    start: Instant,
}

impl Runner<'_> {
    fn ended<T>(&mut self, name: &str, begin: Instant, outcome: Result<T>, found: Findings) -> Option<T> {
        let (value, failure) = match outcome {
            Ok(value) => (Some(value), None),
            Err(error) => (None, Some(error.to_string())),
        };
        let step = StepReport {
            number: self.report.steps.len() + 1,
            name: name.to_owned(),
            millis: millis(begin.elapsed()),
            gas: found.gas,
            facts: found.facts,
            failure,
        };
        (self.progress)(step.clone());
        self.report.steps.push(step);
        value
    }
}
