//! The `ocean-provider` server.

use std::io::Write as _;

use clap::Parser as _;
use eyre::WrapErr as _;
use ocean_provider::{config::ProviderArgs, router, serve};
use tokio::{net::TcpListener, signal::unix};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> eyre::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(filter)
        .init();
    let args = ProviderArgs::parse();
    let configured = args.build().await?;
    let listener = TcpListener::bind(args.listen).await.wrap_err_with(|| {
        format!(
            "cannot listen on {}: another process may have the port; --listen 127.0.0.1:0 takes a free one",
            args.listen
        )
    })?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "listening on http://{}", listener.local_addr()?)?;
    stdout.flush()?;
    serve(listener, router(configured.state.clone()), stop()).await?;
    Ok(())
}

/// Ctrl-C or SIGTERM.
async fn stop() {
    let terminated = async {
        match unix::signal(unix::SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated => {}
    }
}
