//! What every server's `main` does around its router: start its log, take a port, say where it listens, wait for the signal to
//! stop.

mod serve;

use std::{
    io::{self, IsTerminal as _, Write as _},
    net::SocketAddr,
};

use tokio::{net::TcpListener, signal};
use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer as _,
    filter::{FilterExt as _, filter_fn},
    fmt,
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

pub use self::serve::{PeerAddress, serve};

/// Crates that write down what they move, below the level `info`: answers of the chain with ciphertexts in them, and the paths
/// and headers of requests.
const TALKATIVE: [&str; 4] = ["alloy", "h2", "hyper", "reqwest"];

/// Logs to standard error: what `RUST_LOG` asks for, else `info`, without what [`tells_no_secret`] leaves out.
pub fn log_to_stderr() {
    let wanted = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    tracing_subscriber::registry().with(lines.with_filter(wanted.and(filter_fn(tells_no_secret)))).init();
}

/// Whether a log line or span may be written, whatever the level that the operator asked for: no level is a reason to write down
/// ciphertexts, signatures and the places of files.
pub fn tells_no_secret(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::INFO || !TALKATIVE.iter().any(|name| metadata.target().starts_with(name))
}

/// Takes the port.
///
/// # Errors
/// The address cannot be listened on; the text says what to do where another process has it.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let hint = match error.kind() {
            io::ErrorKind::AddrInUse => ": another process has the port, and --listen 127.0.0.1:0 takes a free one",
            _ => "",
        };
        io::Error::new(error.kind(), format!("cannot listen on {address}: {error}{hint}"))
    })
}

/// Prints `listening on http://<address>`, the one line on standard output: whoever started the process reads the address from it.
///
/// # Errors
/// Standard output is closed.
pub fn announce(listener: &TcpListener) -> io::Result<()> {
    let mut stdout = io::stdout();
    writeln!(stdout, "listening on http://{}", listener.local_addr()?)?;
    stdout.flush()
}

/// Completes on Ctrl-C and, on Unix, on SIGTERM.
pub async fn stop_signal() {
    let interrupted = async {
        if signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => _ = signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}
