//! Manifests: versions only in the root, and what every member must say about itself.

use std::fs;

use eyre::{Result, WrapErr as _};
use toml::{Table, Value};

use super::Workspace;

const DEPENDENCY_TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];
const INHERITED: [&str; 4] = ["version", "edition", "rust-version", "license"];

pub(super) fn check(workspace: &mut Workspace) -> Result<()> {
    for member in workspace.members() {
        let text = fs::read_to_string(&member.manifest_path)
            .wrap_err_with(|| format!("cannot read {}", member.manifest_path))?;
        let manifest: Table = text.parse().wrap_err_with(|| format!("cannot parse {}", member.manifest_path))?;
        let name = member.name.as_str();
        for table in DEPENDENCY_TABLES {
            for (dependency, spec) in manifest.get(table).and_then(Value::as_table).into_iter().flatten() {
                if spec.get("workspace").and_then(Value::as_bool) != Some(true) {
                    workspace.problem(format!("`{name}`: `{dependency}` in [{table}] must be `workspace = true`"));
                }
            }
        }
        let package = manifest.get("package").and_then(Value::as_table);
        for key in INHERITED {
            let inherited = package.and_then(|package| package.get(key)?.get("workspace")?.as_bool());
            if inherited != Some(true) {
                workspace.problem(format!("`{name}`: package.{key} must come from the workspace"));
            }
        }
        if member.description.as_deref().is_none_or(str::is_empty) {
            workspace.problem(format!("`{name}` has no description"));
        }
        if manifest.get("lints").and_then(|lints| lints.get("workspace")?.as_bool()) != Some(true) {
            workspace.problem(format!("`{name}` does not take its lints from the workspace"));
        }
        if package.and_then(|package| package.get("metadata")?.get("docs")?.get("rs")).is_none() {
            workspace.problem(format!("`{name}` has no docs.rs metadata"));
        }
        let folder = member.manifest_path.parent();
        if !folder.is_some_and(|folder| folder.join("README.md").exists()) {
            workspace.problem(format!("`{name}` has no README.md"));
        }
    }
    Ok(())
}
