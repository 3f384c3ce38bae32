//! The `ocean-node` server.

use clap::Parser as _;
use ocean_node::config::NodeArgs;
use ocean_provider::serve;
use ocean_service::run;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> eyre::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter).init();
    let args = NodeArgs::parse();
    let listener = run::bind(args.listen).await?;
    let node = args.start(listener.local_addr()?).await?;
    run::announce(&listener)?;
    serve(listener, node.router.clone(), run::stop_signal()).await?;
    node.stop().await;
    Ok(())
}
