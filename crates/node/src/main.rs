//! The `ocean-node` server.

use clap::Parser as _;
use ocean_node::config::NodeArgs;
use ocean_service::run;

#[tokio::main]
async fn main() -> eyre::Result<()> {
    run::log_to_stderr();
    let args = NodeArgs::parse();
    let listener = run::bind(args.listen).await?;
    let node = args.start(listener.local_addr()?).await?;
    run::announce(&listener)?;
    run::serve(listener, node.router.clone(), run::stop_signal()).await;
    node.stop().await;
    Ok(())
}
