//! PyPI `schemathesis` asks the Provider and the node everything that their OpenAPI documents describe, with data that fits and data
//! that does not: no answer may be a 5xx, of a status, type or shape that the document does not name.

use std::{path::Path, process::Command, time::Instant};

use eyre::Result;
use ocean_testbed::Testbed;

use super::ocean_py::{install_packages, interpreter};
use crate::{log, shell};

const FOLDER: &str = "schemathesis";

/// How many requests each kind of data becomes for one operation.
const EXAMPLES: &str = "15";

/// How long one document may take, in seconds.
const BUDGET: &str = "60";

/// What every answer is held against.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// Runs it against both documents of one network.
pub(crate) fn run(cache: &Path) -> Result<()> {
    let folder = install_packages(cache, FOLDER)?;
    let start = Instant::now();
    shell::runtime()?.block_on(async {
        let testbed = Testbed::builder().start().await?;
        let urls = [testbed.provider_url().to_owned(), testbed.node_url().to_owned()];
        let place = testbed.folder().to_owned();
        let asked = tokio::task::spawn_blocking(move || {
            urls.iter().try_for_each(|url| shell::run(&mut command(&folder, &place, url)))
        });
        let result = asked.await?;
        if result.is_err() {
            eprintln!("{}-- servers\n{}", testbed.logs(), log::kept());
        }
        testbed.stop().await?;
        result
    })?;
    eprintln!("interop {FOLDER}: passed in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

fn command(folder: &Path, place: &Path, url: &str) -> Command {
    let mut python = Command::new(interpreter(folder));
    python.args(["-m", "schemathesis.cli", "run", &format!("{url}/spec"), "--url", url, "--checks", CHECKS]);
    python.args(["--max-examples", EXAMPLES, "--max-time", BUDGET, "--seed", "1", "--request-timeout", "30"]);
    python.args(["--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--warnings", "off", "--no-color"]);
    // What it remembers of failures lies with the network's files.
    python.current_dir(place).env("PYTHONDONTWRITEBYTECODE", "1");
    python
}
