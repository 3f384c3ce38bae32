//! What every server's `main` does around its router: take a port, say where it listens, wait for the signal to stop.

use std::{
    io::{self, Write as _},
    net::SocketAddr,
};

use tokio::{net::TcpListener, signal};

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
