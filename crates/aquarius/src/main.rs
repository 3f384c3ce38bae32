//! The `ocean-aquarius` server.

use clap::Parser as _;
use eyre::Result;
use ocean_aquarius::{AquariusState, config::AquariusArgs, router, serve, spawn_indexer};
use ocean_service::run;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let args = AquariusArgs::parse();
    let listener = run::bind(args.listen).await?;
    let state = AquariusState::open(args.into_parts().await?)?;
    let indexer = spawn_indexer(&state);
    run::announce(&listener)?;
    serve(listener, router(state), run::stop_signal()).await?;
    indexer.stop().await;
    Ok(())
}
