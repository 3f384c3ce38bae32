//! The layer table of `crates/README.md` against the dependency graph.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use cargo_metadata::{DependencyKind, PackageId};
use eyre::{Result, WrapErr as _, bail};

use super::Workspace;
use crate::shell;

/// A TLS stack or C library that nothing may bring in.
const FORBIDDEN_EVERYWHERE: [&str; 3] = ["openssl", "openssl-sys", "native-tls"];

struct Row {
    layer: u8,
    forbidden: BTreeSet<String>,
}

pub(super) fn check(workspace: &mut Workspace) -> Result<()> {
    let path = shell::root().join("crates/README.md");
    let table = parse(&fs::read_to_string(&path).wrap_err_with(|| format!("cannot read {}", path.display()))?)?;
    let members = workspace.members();
    for name in table.keys() {
        if !members.iter().any(|member| member.name.as_str() == name.as_str()) {
            workspace.problem(format!("crates/README.md lists `{name}`, which is not a member"));
        }
    }
    for member in &members {
        let Some(row) = table.get(member.name.as_str()) else {
            workspace.problem(format!("`{}` is missing from the table in crates/README.md", member.name));
            continue;
        };
        for dependency in &member.dependencies {
            let Some(other) = table.get(dependency.name.as_str()) else { continue };
            if other.layer >= row.layer {
                workspace.problem(format!(
                    "`{}` (layer {}) depends on `{}` (layer {}): only lower layers may be imported",
                    member.name, row.layer, dependency.name, other.layer
                ));
            }
        }
        let reached = normal_dependencies(workspace, &member.id);
        for forbidden in row.forbidden.iter().map(String::as_str).chain(FORBIDDEN_EVERYWHERE) {
            if reached.contains(forbidden) {
                workspace.problem(format!("`{}` reaches `{forbidden}`, which it must not depend on", member.name));
            }
        }
    }
    Ok(())
}

/// Names of all packages reached from `start` by normal dependencies.
fn normal_dependencies(workspace: &Workspace, start: &PackageId) -> BTreeSet<String> {
    let Some(resolve) = &workspace.metadata.resolve else { return BTreeSet::new() };
    let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let mut seen = BTreeSet::from([start]);
    let mut queue = vec![start];
    while let Some(id) = queue.pop() {
        let Some(node) = nodes.get(id) else { continue };
        for dependency in &node.deps {
            let normal = dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal);
            if normal && seen.insert(&dependency.pkg) {
                queue.push(&dependency.pkg);
            }
        }
    }
    seen.remove(start);
    seen.into_iter().map(|id| workspace.metadata[id].name.to_string()).collect()
}

/// Reads the rows `| layer | crate | holds | must not depend on |`.
fn parse(text: &str) -> Result<BTreeMap<String, Row>> {
    let mut table = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [layer, name, _, forbidden] = cells.as_slice() else {
            bail!("crates/README.md: not a row of four cells: {line}");
        };
        let Ok(layer) = layer.parse() else { continue };
        let forbidden =
            forbidden.split(',').map(|name| name.trim().trim_matches('`').to_owned()).filter(|name| !name.is_empty());
        table.insert(name.trim_matches('`').to_owned(), Row { layer, forbidden: forbidden.collect() });
    }
    if table.is_empty() {
        bail!("crates/README.md holds no layer table");
    }
    Ok(table)
}
