//! `cargo xtask bench`: ratios, each measured within one run.

mod documents;
mod pricing;
mod provider;

use std::{collections::BTreeMap, time::Duration};

use eyre::Result;
use ocean_testbed::{Phase, Testbed};

use crate::shell;

/// How often a network is started each way.
const RUNS: usize = 7;

/// Options of `cargo xtask bench`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// `start` for the start of a network, `ddo` for documents beside npm's ddo-js, `pricing` for quotes beside a node's answers,
    /// `provider` for the Provider beside nginx's proxy, or another filter for the criterion benches; everything without this.
    area: Option<String>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let area = args.area.as_deref();
    if area.is_none_or(|area| area == "start") {
        shell::runtime()?.block_on(start())?;
    }
    if area.is_none_or(|area| area == "provider") {
        provider::run()?;
    }
    if !matches!(area, Some("start" | "provider")) {
        let mut bench = shell::cargo();
        bench.args(["bench", "--package", "ocean-benches", "--locked", "--"]);
        // The events belong to the prices: both are what a client would ask a node for.
        bench.args(area.map(|area| if area == "pricing" { "^(pricing|events)/" } else { area }));
        shell::run(bench.env("CRITERION_HOME", shell::root().join("target/criterion")))?;
    }
    if area.is_none_or(|area| area == "ddo") {
        documents::compare()?;
    }
    if area.is_none_or(|area| area == "pricing") {
        pricing::compare()?;
    }
    Ok(())
}

/// Starts networks from the snapshot and without it, taking turns, so that both see the same machine.
async fn start() -> Result<()> {
    // The first start may have to make the snapshot.
    Testbed::builder().start().await?.stop().await?;
    let (mut warm, mut cold) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        for (builder, runs) in [(Testbed::builder(), &mut warm), (Testbed::builder().deploy_anew(), &mut cold)] {
            let testbed = builder.start().await?;
            runs.push(testbed.times().phases.clone());
            testbed.stop().await?;
        }
    }
    let (warm, cold) = (Medians::of(&warm), Medians::of(&cold));
    println!("start/phase                 snapshot      deploying");
    for name in warm.names.iter().chain(cold.names.iter().filter(|name| !warm.names.contains(name))) {
        println!("start/{name:<18} {:>10} {:>14}", warm.show(name), cold.show(name));
    }
    let ratio = cold.total.as_secs_f64() / warm.total.as_secs_f64();
    println!(
        "start/total              {:>7.0} ms {:>11.0} ms   {ratio:.1} times",
        millis(warm.total),
        millis(cold.total)
    );
    println!("medians of {RUNS} starts each; the chain's part of a start is everything before `aquarius and node`");
    Ok(())
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

struct Medians {
    names: Vec<&'static str>,
    phases: BTreeMap<&'static str, Duration>,
    total: Duration,
}

impl Medians {
    fn of(runs: &[Vec<Phase>]) -> Self {
        let mut names = Vec::new();
        let mut all: BTreeMap<_, Vec<Duration>> = BTreeMap::new();
        for phase in runs.iter().flatten() {
            if !names.contains(&phase.name) {
                names.push(phase.name);
            }
            all.entry(phase.name).or_default().push(phase.duration);
        }
        let phases = all.into_iter().map(|(name, times)| (name, median(times))).collect();
        let total = median(runs.iter().map(|run| run.iter().map(|phase| phase.duration).sum()).collect());
        Self { names, phases, total }
    }

    fn show(&self, name: &str) -> String {
        self.phases.get(name).map_or_else(|| "-".to_owned(), |time| format!("{:.1} ms", millis(*time)))
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
