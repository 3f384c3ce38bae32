//! Our quotes beside the calls that they replace, and our events beside alloy's, measured in the same run.

use std::{fs, time::Duration};

use eyre::{OptionExt as _, Result, ensure};
use ocean_testbed::{Progress, differential};
use serde_json::Value;

use super::{documents::measured, median, millis};
use crate::shell;

/// How often the node is asked.
const CALLS: usize = 500;
/// What a quote with all its components may take.
const TARGET: Duration = Duration::from_micros(1);

/// Prints what criterion has measured just before beside what a node measures now.
pub(crate) fn compare() -> Result<()> {
    let times = shell::runtime()?.block_on(differential::time_quotes(CALLS, &Progress::stderr()))?;
    let call = median(times).as_secs_f64() * 1e9;
    println!("{:<34} {:>10} {:>14} {:>12}", "", "ocean", "eth_call", "ratio");
    for bench in ["full", "price"] {
        let ours = measured("pricing/quote", bench)?;
        let name = format!("pricing/quote/{bench}");
        println!(
            "{name:<34} {ours:>7.0} ns {:>11.3} ms {:>12.0}",
            millis(Duration::from_nanos(call as u64)),
            call / ours
        );
    }
    println!(
        "eth_call: median of {CALLS} calls of calcBaseInGivenOutDT, one after the other, on Anvil on this machine"
    );
    println!("{:<34} {:>10} {:>14} {:>12}", "events a second", "ocean", "alloy", "ratio");
    let ours = measured("events/decode", "ocean")?;
    let logs = elements("events_decode/ocean")?;
    for (bench, what) in [("alloy", "any of five contracts"), ("alloy-known", "the contract known")] {
        let theirs = measured("events/decode", bench)?;
        let name = format!("events/decode, {what}");
        let million = |time: f64| logs / time * 1e3;
        println!("{name:<34} {:>8.2} M {:>12.2} M {:>12.2}", million(ours), million(theirs), theirs / ours);
    }
    let full = measured("pricing/quote", "full")?;
    ensure!(full <= TARGET.as_nanos() as f64, "a full quote takes {full:.0} ns, more than {} ns", TARGET.as_nanos());
    Ok(())
}

/// How many elements a benchmark works on, as criterion keeps it.
fn elements(folder: &str) -> Result<f64> {
    let path = shell::root().join("target/criterion").join(folder).join("new/benchmark.json");
    let benchmark: Value = serde_json::from_slice(&fs::read(path)?)?;
    benchmark["throughput"]["Elements"].as_f64().ok_or_eyre("criterion keeps no throughput")
}
