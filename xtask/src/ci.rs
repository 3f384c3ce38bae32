//! `cargo xtask ci`: what must hold before anything lands.

use std::time::Instant;

use eyre::{Result, WrapErr as _};

use crate::{codegen, fuzz, setup, shell, test, tidy};

pub(crate) fn run() -> Result<()> {
    step("fmt", || shell::run(shell::cargo().args(["fmt", "--all", "--check"])))?;
    step("clippy", || {
        shell::run(shell::cargo().args(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))
    })?;
    step("codegen", || codegen::run(&codegen::Args { check: true }))?;
    step("fuzz", fuzz::seeds)?;
    step("tidy", || tidy::run(&tidy::Args::default()))?;
    step("docs", || {
        let doc = ["doc", "--workspace", "--no-deps", "--locked"];
        shell::run(shell::cargo().args(doc).env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    step("setup", || setup::run(&setup::Args { all: true }).map(drop))?;
    step("test", || test::run(&test::Args::default()))
}

fn step(name: &str, job: impl FnOnce() -> Result<()>) -> Result<()> {
    let start = Instant::now();
    eprintln!("== {name}");
    job().wrap_err_with(|| format!("ci step `{name}` failed"))?;
    eprintln!("== {name}: ok in {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}
