//! Our documents against npm `@oceanprotocol/ddo-js`, on the same files in the same run.

use std::{fs, process::Command};

use eyre::{OptionExt as _, Result, WrapErr as _};
use serde_json::Value;

use crate::{npm::DDO_JS, shell};

const VERSIONS: [&str; 2] = ["4.7.0", "5.0.0"];
/// How many tags a document has, each twice as many as before.
const TAGS: [&str; 4] = ["10000", "20000", "40000", "80000"];
/// Our benchmarks, and what the script calls the same work.
const JOBS: [(&str, &str); 2] = [("ddo/validate", "validate"), ("ddo/parse+validate+checksum", "all")];

/// Prints what criterion has measured just before beside what Node measures now.
pub(crate) fn compare() -> Result<()> {
    let mut earlier = None;
    for many in TAGS {
        let twice = measured("ddo/parse+validate+checksum/tags", many)?;
        if let Some((few, once)) = earlier.replace((many, twice)) {
            println!("ddo/parse+validate+checksum/tags   {many} take {:.2} times the time of {few}", twice / once);
        }
    }
    if !Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success()) {
        eprintln!("bench: skipped ddo.js: there is no Node");
        return Ok(());
    }
    let tools = shell::runtime()?.block_on(ocean_testbed::ensure_tools(&ocean_testbed::Progress::stderr()))?;
    let folder = DDO_JS.install(&tools.cache_dir)?;
    let documents = VERSIONS.map(|version| shell::root().join(format!("benches/documents/{version}.json")));
    let output = Command::new("node").arg("bench.mjs").args(documents).current_dir(&folder).output()?;
    eyre::ensure!(output.status.success(), "bench.mjs failed: {}", String::from_utf8_lossy(&output.stderr));
    let theirs: Value = serde_json::from_slice(&output.stdout).wrap_err("bench.mjs printed no JSON")?;
    println!("{:<34} {:>10} {:>12} {:>12}", "", "ocean-ddo", "ddo.js", "ratio");
    for (bench, job) in JOBS {
        for version in VERSIONS {
            let ours = measured(bench, version)?;
            let theirs = theirs[version][job].as_f64().ok_or_eyre("bench.mjs left a document out")?;
            let name = format!("{bench}/{version}");
            println!("{name:<34} {:>7.2} µs {:>9.1} ms {:>12.0}", ours / 1e3, theirs / 1e6, theirs / ours);
        }
    }
    for version in VERSIONS {
        eyre::ensure!(
            theirs[version]["valid"] == true,
            "ddo.js finds {version} invalid: {}",
            theirs[version]["errors"]
        );
    }
    Ok(())
}

/// The median that criterion keeps of its last run, in nanoseconds.
pub(super) fn measured(group: &str, bench: &str) -> Result<f64> {
    let folder = shell::root().join("target/criterion").join(group.replace('/', "_")).join(bench);
    let path = folder.join("new/estimates.json");
    let text = fs::read_to_string(&path).wrap_err_with(|| format!("cannot read {}", path.display()))?;
    let estimates: Value = serde_json::from_str(&text)?;
    estimates["median"]["point_estimate"].as_f64().ok_or_eyre("criterion keeps no median")
}
