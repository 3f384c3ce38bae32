//! The fuzz targets, built and run on their committed seeds. Fuzzing itself takes `cargo fuzz`: see fuzz/README.md.

use std::{fs, path::Path, process::Command};

use eyre::{OptionExt as _, Result, WrapErr as _, ensure};

use crate::shell;

/// Links every target with libFuzzer and gives it its seeds. Without coverage, which is not stable, nothing is searched for.
pub(crate) fn seeds() -> Result<()> {
    let folder = shell::root().join("target/fuzz");
    let workspace = ["--locked", "--manifest-path", "fuzz/Cargo.toml", "--target-dir", "target/fuzz"];
    let has_compiler = Command::new("c++").arg("--version").output().is_ok_and(|output| output.status.success());
    if !has_compiler {
        ensure!(!shell::in_ci(), "libFuzzer needs a C++ compiler: on Debian `apt-get install g++` brings it");
        eprintln!("fuzz: skipped the seeds: there is no C++ compiler, so the targets are checked only");
        return shell::run(shell::cargo().arg("check").args(workspace));
    }
    shell::run(shell::cargo().args(["build", "--profile", "seeds"]).args(workspace))?;
    let targets = shell::root().join("fuzz/fuzz_targets");
    for target in names(&targets)? {
        let name = target.strip_suffix(".rs").ok_or_eyre("a target that is no Rust file")?;
        let corpus = shell::root().join("fuzz/corpus").join(name);
        let seeds: Vec<_> = names(&corpus)?.into_iter().filter(|seed| seed.starts_with("seed-")).collect();
        ensure!(!seeds.is_empty(), "{name} has no seeds");
        // Files are run one by one and no more; a folder would be searched.
        let mut run = Command::new(folder.join("seeds").join(name));
        let output = run.args(&seeds).current_dir(&corpus).output().wrap_err_with(|| format!("cannot start {name}"))?;
        let log = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{name} failed on its seeds with {}:\n{log}", output.status);
        eprintln!("fuzz: {name} passed its {} seeds", seeds.len());
    }
    Ok(())
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(folder).wrap_err_with(|| format!("cannot read {}", folder.display()))?;
    let names: Result<Vec<_>> = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect();
    let mut names = names?;
    names.sort();
    Ok(names)
}
