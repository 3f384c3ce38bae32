//! PyPI `ocean-lib` publishes, orders and downloads against the Provider and Aquarius.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use eyre::{Context as _, Result, bail, ensure, eyre};
use sha2::{Digest as _, Sha256};

use super::{drive, ours};
use crate::shell;

const FOLDER: &str = "ocean-py";
/// The oldest version that the library installs on.
const OLDEST: (u32, u32) = (3, 8);
/// From this version on there are newer packages; an older list, where there is one, is for the versions before.
const CURRENT: (u32, u32) = (3, 10);

/// Installs the packages into a virtual environment in the cache, unless they are there.
pub(crate) fn install(cache: &Path) -> Result<PathBuf> {
    install_packages(cache, FOLDER)
}

/// Installs what `requirements.txt` in a folder of ours lists into a virtual environment in the cache, unless it is there.
pub(super) fn install_packages(cache: &Path, name: &str) -> Result<PathBuf> {
    let folder = in_cache(cache, name)?;
    if complete(&folder) {
        return Ok(folder);
    }
    // Debian has `venv` without what it needs to bring pip along.
    let python = python();
    let can = Command::new(&python).args(["-c", "import ensurepip, venv"]).stderr(Stdio::null()).status()?;
    ensure!(
        can.success(),
        "{} has no venv module: install it, on Debian with `apt-get install python3-venv`",
        python.display()
    );
    shell::run(Command::new(&python).args(["-m", "venv", "--clear"]).arg(&folder))?;
    // The list is complete. What eciespy 0.4 says about coincurve is not true for Python 3.12, so nothing is resolved.
    let mut pip = Command::new(interpreter(&folder));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--requirement"])
        .arg(list(name, version()?));
    shell::run(&mut pip)?;
    fs::write(folder.join("complete"), [])?;
    Ok(folder)
}

/// Whether [`install`] has run; without Python it has not.
pub(crate) fn installed(cache: &Path) -> bool {
    in_cache(cache, FOLDER).is_ok_and(|folder| complete(&folder))
}

/// Runs the script against a network of its own.
pub(crate) fn run(cache: &Path) -> Result<()> {
    let folder = install(cache)?;
    let mut python = Command::new(interpreter(&folder));
    // Nothing is written into the repository.
    python.args(["-B", "flow.py"]).current_dir(ours(FOLDER));
    drive("ocean-py", python)
}

pub(super) fn interpreter(folder: &Path) -> PathBuf {
    folder.join("bin").join("python")
}

fn complete(folder: &Path) -> bool {
    folder.join("complete").exists()
}

/// The Python that is used: `PYTHON`, or the one that the system calls `python3`.
fn python() -> PathBuf {
    std::env::var_os("PYTHON").map_or_else(|| "python3".into(), PathBuf::from)
}

/// The list of packages for a version of Python.
fn list(name: &str, version: (u32, u32)) -> PathBuf {
    let older = ours(name).join("requirements-3.8.txt");
    if version < CURRENT && older.is_file() { older } else { ours(name).join("requirements.txt") }
}

/// Keyed by the packages and by the version of Python, so that another of either is another folder.
fn in_cache(cache: &Path, name: &str) -> Result<PathBuf> {
    let (major, minor) = version()?;
    let list = list(name, (major, minor));
    let text = fs::read_to_string(&list).wrap_err_with(|| format!("cannot read {}", list.display()))?;
    let digest = Sha256::digest(text);
    let hash: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(cache.join(format!("{name}-{major}.{minor}-{hash}")))
}

/// The version of the Python that is used.
fn version() -> Result<(u32, u32)> {
    let python = python();
    let shown = python.display();
    let asked = Command::new(&python).args(["-c", "import sys; print(*sys.version_info[:2])"]).output();
    let output = match asked {
        Err(error) if error.kind() == ErrorKind::NotFound => bail!(
            "the interoperability tests need {shown}, which is not installed: on Debian `apt-get install python3 python3-venv` brings it"
        ),
        other => other.wrap_err_with(|| format!("cannot start {shown}"))?,
    };
    let version = parse_version(&String::from_utf8_lossy(&output.stdout))
        .ok_or_else(|| eyre!("{shown} does not tell its version"))?;
    let (major, minor) = version;
    ensure!(
        version >= OLDEST,
        "the interoperability tests need Python {}.{} or newer, and {shown} is {major}.{minor}",
        OLDEST.0,
        OLDEST.1
    );
    Ok(version)
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        for text in ["", "3", "3.11", "3 x"] {
            assert_eq!(parse_version(text), None, "{text}");
        }
        assert_eq!(parse_version("3 7\n"), Some((3, 7)));
        assert!(parse_version("3 7\n") < Some(OLDEST));
        assert!(parse_version("3 11\n") > Some(OLDEST));
    }

    #[test]
    fn old_versions_have_a_list_of_their_own() {
        for (version, expected) in [
            ((3, 8), "requirements-3.8.txt"),
            ((3, 9), "requirements-3.8.txt"),
            ((3, 10), "requirements.txt"),
            ((3, 13), "requirements.txt"),
        ] {
            assert!(list(FOLDER, version).ends_with(expected), "{version:?}");
        }
    }
}
