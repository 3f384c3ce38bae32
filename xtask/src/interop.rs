//! `cargo xtask interop`: other people's clients against our network.

pub(crate) mod ocean_js;

use eyre::Result;

/// Options of `cargo xtask interop`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which client; all of them without this.
    client: Option<Client>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Client {
    /// npm `@oceanprotocol/lib`, in the ocean-node dialect.
    OceanJs,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    match args.client {
        Some(Client::OceanJs) | None => {
            let tools =
                crate::shell::runtime()?.block_on(ocean_testbed::ensure_tools(&ocean_testbed::Progress::stderr()))?;
            ocean_js::run(&tools.cache_dir)
        }
    }
}
