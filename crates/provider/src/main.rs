//! The `ocean-provider` server.

use clap::Parser as _;
use ocean_provider::{config::ProviderArgs, router};
use ocean_service::run;

#[tokio::main]
async fn main() -> eyre::Result<()> {
    run::log_to_stderr();
    let args = ProviderArgs::parse();
    let listener = run::bind(args.listen).await?;
    let configured = args.build().await?;
    run::announce(&listener)?;
    run::serve(listener, router(configured.state.clone()), run::stop_signal()).await;
    Ok(())
}
