//! The `ocean-provider` server.

use std::io::IsTerminal as _;

use clap::Parser as _;
use ocean_provider::{config::ProviderArgs, router, serve};
use ocean_service::run;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> eyre::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(colours).with_env_filter(filter).init();
    let args = ProviderArgs::parse();
    let listener = run::bind(args.listen).await?;
    let configured = args.build().await?;
    run::announce(&listener)?;
    serve(listener, router(configured.state.clone()), run::stop_signal()).await?;
    Ok(())
}
