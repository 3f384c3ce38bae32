//! Every published crate packages, and what it packages holds all it reads.

use eyre::Result;

use super::Workspace;
use crate::shell;

pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let mut command = shell::cargo();
    command.args(["package", "--quiet", "--locked", "--allow-dirty", "--no-verify"]);
    for member in workspace.members() {
        if member.publish.as_ref().is_none_or(|registries| !registries.is_empty()) {
            command.args(["--package", member.name.as_str()]);
        }
    }
    shell::run(&mut command)
}
