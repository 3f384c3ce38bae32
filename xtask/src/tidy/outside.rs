//! A crate outside the workspace can depend on single crates and start a network.

use std::fs;

use eyre::{OptionExt as _, Result, WrapErr as _};
use toml::{Table, Value};

use crate::shell;

const MAIN: &str = r#"//! What a stranger writes first: one small crate, and a network to test against.

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let chain = ocean_primitives::ChainId::DEVELOPMENT;
    let nft = "0x0000000000000000000000000000000000000001".parse()?;
    println!("{}", ocean_did::Did::op(nft, chain));
    let testbed = ocean_testbed::Testbed::builder().start().await?;
    println!("{}", testbed.network().node_url);
    testbed.stop().await?;
    Ok(())
}
"#;

/// The crates of this workspace that the outside crate depends on, with their folders.
const CRATES: [(&str, &str); 3] =
    [("ocean-primitives", "crates/primitives"), ("ocean-did", "crates/did"), ("ocean-testbed", "harness")];

pub(super) fn check() -> Result<()> {
    let root = shell::root();
    let folder = root.join("target/outside");
    fs::create_dir_all(folder.join("src")).wrap_err_with(|| format!("cannot create {}", folder.display()))?;
    let ours: Table = fs::read_to_string(root.join("Cargo.toml"))?.parse()?;
    let versions =
        ours["workspace"].get("dependencies").and_then(Value::as_table).ok_or_eyre("no [workspace.dependencies]")?;
    let mut dependencies = Table::new();
    for (name, path) in CRATES {
        let path = root.join(path).display().to_string();
        dependencies.insert(name.to_owned(), Table::from_iter([("path".to_owned(), path.into())]).into());
    }
    dependencies.insert("tokio".to_owned(), versions["tokio"].clone());
    let mut package = Table::new();
    for (key, value) in [("name", "outside"), ("version", "0.0.0"), ("edition", "2024")] {
        package.insert(key.to_owned(), value.into());
    }
    let mut manifest = Table::new();
    manifest.insert("package".to_owned(), package.into());
    manifest.insert("workspace".to_owned(), Table::new().into());
    manifest.insert("dependencies".to_owned(), dependencies.into());
    // The same profile and versions, so that what is built already is built once.
    manifest.insert("profile".to_owned(), ours["profile"].clone());
    fs::write(folder.join("Cargo.toml"), toml::to_string(&manifest)?)?;
    fs::write(folder.join("src/main.rs"), MAIN)?;
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    shell::run(shell::cargo().args([
        "run",
        "--quiet",
        "--target-dir",
        "target",
        "--manifest-path",
        "target/outside/Cargo.toml",
    ]))
}
