//! The `ocean-aquarius` server.

use clap::Parser as _;
use eyre::Result;
use ocean_aquarius::{AquariusState, config::AquariusArgs, router, spawn_indexer};
use ocean_service::run;

#[tokio::main]
async fn main() -> Result<()> {
    run::log_to_stderr();
    let args = AquariusArgs::parse();
    let listener = run::bind(args.listen).await?;
    let state = AquariusState::open(args.into_parts().await?)?;
    let indexer = spawn_indexer(&state);
    run::announce(&listener)?;
    run::serve(listener, router(state), run::stop_signal()).await;
    indexer.stop().await;
    Ok(())
}
