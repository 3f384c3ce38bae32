//! `cargo xtask verdicts`: verdicts on changed documents, ours beside those of npm `@oceanprotocol/ddo-js`.
//!
//! Every case follows from the seed and its number, so that a difference is shown again with `--seed` and `--only`.

mod mutate;
mod random;
mod tree;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    thread,
};

use eyre::{OptionExt as _, Result, WrapErr as _, ensure};
use ocean_ddo::{
    RawDdo,
    validate::{Profile, validate},
};
use serde_json::Value;

use self::{
    mutate::{Mutant, Stock},
    tree::Tree,
};
use crate::{npm::DDO_JS, shell};

/// The recorded documents; those that are not changed are what cases are made from.
const BASES: &str = "crates/ddo/tests/fixtures/mutants_320.jsonl";
/// Verdict and keys must agree for at least so many of a thousand cases.
const REQUIRED: u64 = 995;
/// How many differences are shown.
const SHOWN: usize = 40;

/// Options of `cargo xtask verdicts`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many documents.
    #[arg(long, default_value_t = 1000)]
    cases: u64,
    /// What they follow from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// One case alone, with its document.
    #[arg(long)]
    only: Option<u64>,
    /// Without the changes that JSON-LD alone gives a meaning to.
    #[arg(long)]
    plain: bool,
    /// Beside the installed package as it is, 0.2.0, instead of 0.3.0. The two differ where documents have keywords of JSON-LD.
    #[arg(long)]
    package: bool,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let stock = Stock::new(bases(&shell::root().join(BASES))?);
    let numbers = args.only.map_or(0..args.cases, |only| only..only + 1);
    let mutants: Vec<_> = numbers.map(|number| (number, Mutant::new(&stock, args.plain, args.seed, number))).collect();
    let tools = shell::runtime()?.block_on(ocean_testbed::ensure_tools(&ocean_testbed::Progress::stderr()))?;
    let folder = DDO_JS.install(&tools.cache_dir)?;
    let theirs = ask(&folder, args.package, mutants.iter().map(|(_, mutant)| mutant.text.as_str()))?;
    ensure!(theirs.len() == mutants.len(), "{} verdicts on {} documents", theirs.len(), mutants.len());

    let mut classes: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    let (mut agree, mut valid, mut texts, mut shown) = (0, 0, 0, 0);
    for ((number, mutant), theirs) in mutants.iter().zip(&theirs) {
        let (our_verdict, our_errors) = ours(&mutant.text)?;
        let keys: BTreeSet<_> = theirs["errors"].as_object().ok_or_eyre("a verdict without errors")?.keys().collect();
        let same = theirs["valid"] == our_verdict && keys.into_iter().eq(our_errors.keys());
        valid += u64::from(our_verdict);
        agree += u64::from(same);
        texts += u64::from(same && sorted(&theirs["errors"]) == sorted(&serde_json::to_value(&our_errors)?));
        for class in &mutant.classes {
            let (all, agreeing) = classes.entry(class).or_default();
            *all += 1;
            *agreeing += u64::from(same);
        }
        if args.only.is_some() {
            println!("{}", mutant.text);
        }
        if (!same && shown < SHOWN) || args.only.is_some() {
            shown += 1;
            println!("case {number}: {}", mutant.description);
            println!("   ours   {our_verdict} {our_errors:?}");
            println!("   theirs {} {}", theirs["valid"], theirs["errors"]);
        }
    }
    for (class, (all, agreeing)) in &classes {
        println!("{class:<20} {agreeing:>6} of {all:>6} agree");
    }
    let all = mutants.len() as u64;
    let hundredths = agree * 10_000 / all.max(1);
    println!("verdicts: seed {}, {all} documents, {valid} of them valid", args.seed);
    println!(
        "verdict and keys agree for {agree}, {}.{:02} %; the texts too for {texts}",
        hundredths / 100,
        hundredths % 100
    );
    ensure!(agree * 1000 >= REQUIRED * all, "less than {}.{} % agree", REQUIRED / 10, REQUIRED % 10);
    Ok(())
}

/// The verdict of `Profile::DdoJs`; under `general` only the key is the peer's.
fn ours(text: &str) -> Result<(bool, BTreeMap<String, Vec<String>>)> {
    let report = validate(&RawDdo::parse(text)?, Profile::DdoJs);
    let mut errors = report.ddojs_errors();
    if let Some(general) = errors.get_mut("general") {
        general.clear();
    }
    Ok((report.valid, errors))
}

/// The texts without their order: within one key the peer's follows the order of its memory.
fn sorted(errors: &Value) -> BTreeMap<&str, Vec<String>> {
    let texts = |texts: &Value| texts.as_array().into_iter().flatten().map(Value::to_string).collect();
    let mut sorted: BTreeMap<&str, Vec<String>> =
        errors.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), texts(value))).collect();
    sorted.values_mut().for_each(|texts| texts.sort());
    sorted
}

fn bases(path: &Path) -> Result<Vec<(String, Tree)>> {
    let text = fs::read_to_string(path).wrap_err_with(|| format!("cannot read {}", path.display()))?;
    let mut bases = Vec::new();
    for line in text.lines().filter(|line| line.contains("|base\"")) {
        let mut line: Value = serde_json::from_str(line)?;
        let name = line["name"].as_str().ok_or_eyre("a base without a name")?.trim_end_matches("|base").to_owned();
        bases.push((name, Tree::of(&line["ddo"].take())));
    }
    ensure!(!bases.is_empty(), "no base in {}", path.display());
    Ok(bases)
}

/// One verdict for each document, in their order.
fn ask<'t>(folder: &Path, package: bool, documents: impl Iterator<Item = &'t str>) -> Result<Vec<Value>> {
    let mut node = Command::new("node");
    node.arg("verdicts.mjs").args(package.then_some("--package")).current_dir(folder);
    let mut child = node.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().wrap_err("there is no Node")?;
    let mut stdin = child.stdin.take().ok_or_eyre("no stdin")?;
    // To Node's reader of lines these two end a line; in JSON they stand in strings only.
    let line = |text: &str| format!("{}\n", text.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029"));
    let lines: Vec<String> = documents.map(line).collect();
    // The answers are read while the questions are written.
    let writer = thread::spawn(move || lines.iter().try_for_each(|line| stdin.write_all(line.as_bytes())));
    let output = child.wait_with_output()?;
    let written = writer.join().map_err(|_| eyre::eyre!("the writer panicked"))?;
    ensure!(output.status.success(), "verdicts.mjs failed with {}", output.status);
    written.wrap_err("cannot write to verdicts.mjs")?;
    let verdicts = std::str::from_utf8(&output.stdout)?.lines().map(serde_json::from_str);
    verdicts.collect::<serde_json::Result<_>>().wrap_err("verdicts.mjs printed no JSON")
}
