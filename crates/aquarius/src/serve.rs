use std::{future::Future, io, time::Duration};

use axum::Router;
use tokio::{net::TcpListener, sync::oneshot};

/// How long open requests may take after the stop signal.
const GRACE: Duration = Duration::from_secs(5);

/// Serves until `shutdown` completes, then lets open requests end for at most five seconds.
///
/// # Errors
/// The listener fails.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stopping, stopped) = oneshot::channel();
    let graceful = async move {
        shutdown.await;
        // The other end is gone only when the server has ended already.
        let _: Result<(), ()> = stopping.send(());
    };
    let server = axum::serve(listener, router).with_graceful_shutdown(graceful);
    let late = async {
        match stopped.await {
            Ok(()) => tokio::time::sleep(GRACE).await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        ended = server => ended,
        () = late => Ok(()),
    }
}
