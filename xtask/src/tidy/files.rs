//! Source files: their size and their place.

use std::{
    fs,
    path::{Path, PathBuf},
};

use eyre::{Result, WrapErr as _};

use super::Workspace;
use crate::shell;

/// Longer files hold more than one idea.
const MAX_LINES: usize = 800;

pub(super) fn check(workspace: &mut Workspace) -> Result<()> {
    let root = shell::root();
    for member in workspace.members() {
        let Some(folder) = member.manifest_path.parent() else { continue };
        for path in rust_files(&folder.join("src").into_std_path_buf())? {
            let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
            let text = fs::read_to_string(&path).wrap_err_with(|| format!("cannot read {name}"))?;
            let lines = text.lines().count();
            if lines > MAX_LINES {
                workspace.problem(format!("{name} has {lines} lines, more than {MAX_LINES}"));
            }
            if path.file_name().is_some_and(|file| file == "mod.rs") {
                workspace.problem(format!("{name}: write foo.rs and foo/, never mod.rs"));
            }
        }
    }
    Ok(())
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut queue = vec![folder.to_path_buf()];
    while let Some(folder) = queue.pop() {
        for entry in fs::read_dir(&folder).wrap_err_with(|| format!("cannot list {}", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                queue.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}
