//! The `ocean-provider` server.

use clap::Parser as _;
use ocean_provider::{config::ProviderArgs, router};
use ocean_service::run;

#[tokio::main]
async fn main() -> eyre::Result<()> {
    run::log_to_stderr();
    let args = ProviderArgs::parse();
    let listener = run::bind(args.listen).await?;
    let other = match args.other_listen {
        Some(address) => Some(run::bind(address).await?),
        None => None,
    };
    let configured = args.build().await?;
    run::announce(&listener)?;
    let first = run::serve(listener, router(configured.state.clone()), run::stop_signal());
    match other.zip(configured.other.clone()) {
        Some((other, state)) => {
            run::announce(&other)?;
            let second = run::serve(other, router(state), run::stop_signal());
            tokio::join!(first, second);
        }
        None => first.await,
    }
    Ok(())
}
