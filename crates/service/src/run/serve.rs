use std::{
    error::Error,
    future::Future,
    io,
    net::SocketAddr,
    pin::pin,
    task::{Context, Poll},
    time::Duration,
};

use http_body::Body;
use hyper::{Request, Response, body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, sync::watch, task::JoinSet, time};
use tower_service::Service;

/// How long running downloads may go on after the server was told to stop.
const GRACE: Duration = Duration::from_secs(30);

/// How long a connection may take to tell its next request's head, idle time included: a little more than the 90 s after which
/// clients close an idle connection themselves.
const HEAD: Duration = Duration::from_secs(100);

/// How long to wait after the system has refused a connection, for example for want of file descriptors.
const PAUSE: Duration = Duration::from_secs(1);

/// The most that a connection buffers of what it reads and of what it is about to write; with many downloads at once this is what
/// the server's memory is.
const BUFFER: usize = 128 * 1024;

/// An error of a service or of the body of its answer.
type Failure = Box<dyn Error + Send + Sync>;

/// Where a request's connection comes from; every request that [`serve`] passes on has it among its extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerAddress(pub SocketAddr);

/// A service that is told where its requests come from.
#[derive(Debug, Clone)]
struct Told<S> {
    service: S,
    peer: PeerAddress,
}

impl<S: Service<Request<Incoming>>> Service<Request<Incoming>> for Told<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(self.peer);
        self.service.call(request)
    }
}

/// Serves until `shutdown` completes, then takes no more connections and lets running downloads finish, at most 30 s.
///
/// A connection that does not tell what it wants is closed: clients that send a head byte by byte hold nothing for ever.
/// A connection that cannot be accepted is logged, and the next one is waited for.
pub async fn serve<S, B>(listener: TcpListener, service: S, shutdown: impl Future<Output = ()>)
where
    S: Service<Request<Incoming>, Response = Response<B>, Error: Into<Failure>, Future: Send> + Clone + Send + 'static,
    B: Body<Data: Send, Error: Into<Failure>> + Send + 'static,
{
    serve_within(HEAD, listener, service, shutdown).await;
}

async fn serve_within<S, B>(head: Duration, listener: TcpListener, service: S, shutdown: impl Future<Output = ()>)
where
    S: Service<Request<Incoming>, Response = Response<B>, Error: Into<Failure>, Future: Send> + Clone + Send + 'static,
    B: Body<Data: Send, Error: Into<Failure>> + Send + 'static,
{
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head).max_buf_size(BUFFER);
    let (stop, stopped) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
            () = &mut shutdown => break,
        };
        let (stream, peer) = match accepted {
            Ok((stream, peer)) => (stream, PeerAddress(peer)),
            Err(error) if is_of_one_connection(&error) => continue,
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                time::sleep(PAUSE).await;
                continue;
            }
        };
        // Answers go out whole anyway; without it the last piece of one may wait for an acknowledgement.
        stream.set_nodelay(true).ok();
        let told = Told { service: service.clone(), peer };
        let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(told));
        let mut stopped = stopped.clone();
        connections.spawn(async move {
            let mut connection = pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                _ = stopped.changed() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::trace!(%error, "a connection ended early");
            }
        });
    }
    drop((listener, stop));
    let finished = async { while connections.join_next().await.is_some() {} };
    if time::timeout(GRACE, finished).await.is_err() {
        tracing::warn!("connections that did not finish in time are closed");
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg(test)]
mod tests;
