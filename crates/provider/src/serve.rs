use std::{
    future::{Future, IntoFuture},
    time::Duration,
};

use axum::Router;
use tokio::{net::TcpListener, sync::oneshot};

use crate::error::{Error, Result};

/// How long running downloads may go on after the server was told to stop.
const GRACE: Duration = Duration::from_secs(30);

/// Serves until `shutdown` completes, then takes no more connections and lets running downloads finish, at most 30 s.
///
/// # Errors
/// The listener fails.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let (stopping, stopped) = oneshot::channel::<()>();
    let shutdown = async move {
        shutdown.await;
        // Nobody listens any more where the server has ended by itself.
        drop(stopping);
    };
    let server = axum::serve(listener, router).with_graceful_shutdown(shutdown);
    let deadline = async move {
        // An error only means that the sender was dropped, which is the signal.
        stopped.await.ok();
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        result = server.into_future() => result.map_err(Error::Serve),
        () = deadline => {
            tracing::warn!("connections that did not finish in time are closed");
            Ok(())
        }
    }
}
