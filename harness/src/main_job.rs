//! The main job: publish, price, buy, order, download, edit, refuse; everything real, and every result compared.
//!
//! [`run`] takes a running [`Testbed`] and leaves its chain with three published assets and its clock moved forward.

mod blocks;
mod consume;
mod edit;
mod gas;
mod node;
mod order;
mod publish;
mod refuse;
mod report;
mod world;

use std::time::Instant;

pub use self::report::{Failure, Report, StepReport};
use self::{
    report::{Findings, Result, expect_eq, millis},
    world::World,
};
use crate::Testbed;

/// Does the main job on a running network and tells every step to `progress` when it ends.
///
/// It stops at the first step that fails; the report says what was expected there and what was seen.
pub async fn run(testbed: &Testbed, progress: &mut dyn FnMut(StepReport)) -> Report {
    let mut runner = Runner {
        rpc_url: testbed.rpc_url(),
        report: Report::default(),
        progress,
        start: Instant::now(),
        begin: Instant::now(),
        block: None,
    };
    // Boxed, as the steps are: their futures are large, and unoptimised builds copy them on the stack.
    let _ = Box::pin(steps(testbed, &mut runner)).await;
    runner.report.millis = millis(runner.start.elapsed());
    runner.report
}

/// `None` as soon as a step has failed.
async fn steps(testbed: &Testbed, runner: &mut Runner<'_>) -> Option<()> {
    let mut found = runner.begin().await;
    let done = async {
        let world = World::new(testbed).await?;
        let assets = Box::pin(publish::run(&world, &mut found)).await?;
        Ok((world, assets))
    }
    .await;
    let (world, assets) = runner.end("publish three assets", done, found).await?;

    let mut found = runner.begin().await;
    let done = publish::check_served(&world, &assets, &mut found).await;
    runner.end("served by Aquarius within 200 ms, as on chain", done, found).await?;

    let mut found = runner.begin().await;
    let done = Box::pin(order::run(&world, &assets, &mut found)).await;
    let orders = runner.end("quote, approve exactly, order", done, found).await?;

    let mut found = runner.begin().await;
    let done = Box::pin(consume::run(&world, &orders, &mut found)).await;
    runner.end("download, reuse, download again", done, found).await?;

    let mut found = runner.begin().await;
    let done = Box::pin(edit::run(&world, &assets, &mut found)).await;
    runner.end("edit metadata, forbid and allow orders", done, found).await?;

    let mut found = runner.begin().await;
    let done = Box::pin(refuse::run(&world, &assets, &orders, &mut found)).await;
    runner.end("refuse what must be refused", done, found).await?;

    let mut found = runner.begin().await;
    let done = Box::pin(node::run(&world, &assets, &mut found)).await;
    runner.end("order and download through the node", done, found).await
}

/// Times the steps, adds up the gas of their blocks, and tells what came out.
struct Runner<'a> {
    rpc_url: &'a str,
    report: Report,
    progress: &'a mut dyn FnMut(StepReport),
    start: Instant,
    begin: Instant,
    /// The last block before the step.
    block: Option<u64>,
}

impl Runner<'_> {
    async fn begin(&mut self) -> Findings {
        self.block = gas::last_block(self.rpc_url).await.ok();
        self.begin = Instant::now();
        Findings::default()
    }

    async fn end<T>(&mut self, name: &str, outcome: Result<T>, found: Findings) -> Option<T> {
        let elapsed = self.begin.elapsed();
        let gas = gas::since(self.rpc_url, self.block).await;
        let outcome = outcome.and_then(|value| {
            let gas = gas.as_ref().map_err(Clone::clone)?;
            if let Some(reported) = found.gas {
                expect_eq("gas reported by the client, as in the blocks:", *gas, reported)?;
            }
            Ok(value)
        });
        let (value, failure) = match outcome {
            Ok(value) => (Some(value), None),
            Err(error) => (None, Some(error.to_string())),
        };
        let step = StepReport {
            number: self.report.steps.len() + 1,
            name: name.to_owned(),
            millis: millis(elapsed),
            gas: gas.unwrap_or_default(),
            facts: found.facts,
            failure,
        };
        (self.progress)(step.clone());
        self.report.steps.push(step);
        value
    }
}
