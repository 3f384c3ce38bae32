//! Compute-to-Data in a Provider or a node: the routes, who may run what, and what it costs. The jobs themselves are
//! `ocean-compute`'s.

mod answers;
mod check;
pub mod config;
mod fees;
mod initialize;
mod inputs;
mod jobs;
mod settlement;
mod start;

use std::{path::PathBuf, sync::Arc, time::Instant};

use axum::{
    Router,
    extract::Request,
    http::{HeaderMap, Method},
    response::Response,
    routing::{MethodFilter, on},
};
use ocean_compute::{
    Engine, EngineParts,
    backend::ComputeBackend,
    engine::EngineLimits,
    environment::Environment,
    job::{Job, JobId},
};
use ocean_primitives::{Address, ChainId, Clock, Dialect};
use ocean_provider_api::{
    ApiError, AuthContext, EndpointEntry, RequestData, auth_token,
    compute::{ComputeEndpoint, ComputeFault, compute_entries, compute_routes},
};
use ocean_service::{Chain, Chains, DdoSource};
use ocean_storage::Storage;
use sha2::{Digest as _, Sha256};

use self::{inputs::AssetInputs, settlement::EscrowSettlement};
use crate::{
    error::{Error, Result},
    router::{read_body, text},
    state::ProviderState,
};

/// How compute is set up.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ComputeSetup {
    /// Where jobs and their results are kept.
    pub folder: PathBuf,
    /// What is offered.
    pub environments: Vec<Environment>,
    /// Where algorithms run.
    pub backend: Arc<dyn ComputeBackend>,
    /// Bounds.
    pub limits: EngineLimits,
    /// New stack: how long the node may take to claim, in seconds; locks last so much longer.
    pub claim_timeout: u64,
}

impl ComputeSetup {
    /// A setup with default bounds.
    pub fn new(folder: impl Into<PathBuf>, environments: Vec<Environment>, backend: Arc<dyn ComputeBackend>) -> Self {
        let limits = EngineLimits::default();
        Self { folder: folder.into(), environments, backend, limits, claim_timeout: 3_600 }
    }
}

/// Compute of a server; cheap to clone.
#[derive(Debug, Clone)]
pub struct Compute {
    engine: Engine,
    claim_timeout: u64,
    /// The hash that ocean-node puts before the ids of environments and jobs.
    cluster: String,
}

impl Compute {
    /// Opens the jobs of `setup`'s folder, and goes on with those that are not over. Blocks shortly, and needs a tokio runtime.
    ///
    /// # Errors
    /// The folder cannot be used, or an environment's settings make no sense.
    pub fn open(
        setup: ComputeSetup,
        chains: &Chains,
        storage: &Storage,
        ddos: &Arc<dyn DdoSource>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self> {
        let inputs = AssetInputs { chains: chains.clone(), storage: storage.clone(), ddos: Arc::clone(ddos) };
        let backend = setup.backend.name();
        let mut parts = EngineParts::new(
            setup.folder.clone(),
            setup.environments,
            setup.backend,
            Arc::new(inputs),
            Arc::clone(clock),
        );
        parts.limits = setup.limits;
        parts.settlement = Some(Arc::new(EscrowSettlement::new(chains.clone(), Arc::clone(clock))));
        let node = chains.iter().next().map(|chain| chain.key.address()).unwrap_or_default();
        let cluster = hex::encode(Sha256::digest(format!("{node}{backend}")));
        let engine =
            Engine::open(parts).map_err(|source| Error::Store { path: setup.folder, source: Box::new(source) })?;
        Ok(Self { engine, claim_timeout: setup.claim_timeout, cluster: format!("0x{cluster}") })
    }

    /// The engine, for whoever watches it.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// What the discovery document says of compute.
    pub fn endpoints(dialect: Dialect) -> Vec<EndpointEntry> {
        compute_entries(dialect)
    }

    /// The name of an environment as clients see it.
    fn shown_environment(&self, dialect: Dialect, id: &str) -> String {
        match dialect {
            Dialect::OceanNode => format!("{}-{id}", self.cluster),
            _ => id.to_owned(),
        }
    }

    /// The environment that a client names, with or without the prefix.
    fn environment(&self, named: &str) -> Option<&Environment> {
        let own = named.strip_prefix(&self.cluster).and_then(|rest| rest.strip_prefix('-'));
        self.engine.environment(own.unwrap_or(named))
    }

    /// The name of a job as clients see it when they start it.
    fn shown_job(&self, dialect: Dialect, id: &JobId) -> String {
        match dialect {
            Dialect::OceanNode => format!("{}-{id}", self.cluster),
            _ => id.to_string(),
        }
    }

    /// The job that a client names, with or without the prefix; nothing for a text that is no name.
    fn job_id(&self, named: &str) -> Option<JobId> {
        let own = named.strip_prefix(&self.cluster).and_then(|rest| rest.strip_prefix('-'));
        own.unwrap_or(named).parse().ok()
    }

    /// A job of this account. Somebody else's is as good as none.
    async fn job_of(&self, named: &str, owner: Address) -> Result<Job, ComputeFault> {
        let missing = || ComputeFault::Unfound(format!("Cannot find job with id: {}", shortened(named)));
        let id = self.job_id(named).ok_or_else(missing)?;
        let job = self.engine.job(&id).await.map_err(engine_fault)?;
        job.filter(|job| job.spec.owner == owner).ok_or_else(missing)
    }
}

/// A text of a stranger's, as much of it as an answer repeats.
fn shortened(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(200).collect()
}

/// What the engine refuses, in words for the client; what fails inside is logged.
fn engine_fault(error: ocean_compute::Error) -> ComputeFault {
    use ocean_compute::Error as E;
    match error {
        E::QueueFull { .. } => ComputeFault::Busy(error.to_string()),
        E::NoSuchJob(_) | E::NoSuchResult { .. } | E::NotRunning(_) => ComputeFault::Unfound(error.to_string()),
        E::NotOffered(_) | E::NoSuchEnvironment(_) | E::Job(_) => ComputeFault::Refused(error.to_string()),
        error => {
            tracing::error!(%error, "the compute engine failed");
            ComputeFault::Api(ApiError::Internal)
        }
    }
}

/// The chain that stands for environments where no asset names one.
fn chain_of(state: &ProviderState, id: Option<ChainId>) -> Result<&Arc<Chain>, ComputeFault> {
    state.chain_or_first(id).ok_or(ComputeFault::Api(ApiError::UnknownChain))
}

/// A request that was read.
struct Asked {
    headers: HeaderMap,
    data: RequestData,
    auth: AuthContext,
}

/// The routes of compute, to be served beside those of `state`.
pub(crate) fn compute_router(state: ProviderState, compute: Compute) -> Router {
    compute_routes(state.dialect()).iter().fold(Router::new(), |router, route| {
        let method: Method = route.method.parse().unwrap_or(Method::GET);
        let filter = MethodFilter::try_from(method).unwrap_or(MethodFilter::GET);
        let (state, compute, endpoint) = (state.clone(), compute.clone(), route.endpoint);
        let handler = move |request: Request| answer(state.clone(), compute.clone(), endpoint, request);
        router.route(route.path, on(filter, handler))
    })
}

async fn answer(state: ProviderState, compute: Compute, endpoint: ComputeEndpoint, request: Request) -> Response {
    let started = Instant::now();
    let answered = serve(&state, &compute, endpoint, request).await;
    let response = answered.unwrap_or_else(|fault| {
        let answer = fault.response(state.dialect());
        text(answer.status, answer.content_type, answer.body)
    });
    // Neither query nor body: they hold signatures, code and parameters.
    tracing::info!(?endpoint, status = response.status().as_u16(), elapsed = ?started.elapsed(), "request");
    response
}

async fn serve(
    state: &ProviderState,
    compute: &Compute,
    endpoint: ComputeEndpoint,
    request: Request,
) -> Result<Response, ComputeFault> {
    let peer = request.extensions().get::<ocean_service::run::PeerAddress>().map(|peer| peer.0.ip());
    state.allow_client(peer)?;
    let (parts, body) = request.into_parts();
    let limits = state.limits();
    let body = read_body(&parts.headers, body, limits.body, limits.upload).await?;
    let data = match endpoint {
        // These always read their JSON body.
        ComputeEndpoint::Start | ComputeEndpoint::FreeStart => RequestData::merged(parts.uri.query(), &body),
        _ => RequestData::new(parts.uri.query(), &body),
    };
    let mut auth = AuthContext::default();
    if let Some(address) = data.text("consumerAddress").and_then(|text| text.parse::<Address>().ok()) {
        auth.stored_nonce = state.stored_nonce(address).await?;
    }
    let token = parts.headers.get(auth_token::token_header(state.dialect())).and_then(|value| value.to_str().ok());
    if let Some(token) = token.filter(|_| !data.is_filled("signature")) {
        auth.token = state.check_token(token).await.ok();
    }
    let mut asked = Asked { headers: parts.headers, data, auth };
    let refused = match handle(state, compute, endpoint, &asked).await {
        Err(ComputeFault::Api(error)) if error.mismatch().is_some() => error,
        answer => return answer,
    };
    // No key has made the signature. The address may be a contract's, which says itself what it has signed (ERC-1271).
    let texts = refused.mismatch().unwrap_or_default();
    asked.auth.contract_signed =
        state.contract_signed(ocean_provider_api::Endpoint::Download, &asked.data, texts).await?;
    handle(state, compute, endpoint, &asked).await
}

async fn handle(
    state: &ProviderState,
    compute: &Compute,
    endpoint: ComputeEndpoint,
    asked: &Asked,
) -> Result<Response, ComputeFault> {
    // Each on the heap: their states are large, and most requests need one of them.
    match endpoint {
        ComputeEndpoint::Environments => Box::pin(jobs::environments(state, compute, asked)).await,
        ComputeEndpoint::Initialize => Box::pin(initialize::post(state, compute, asked)).await,
        ComputeEndpoint::Start => Box::pin(start::post(state, compute, asked, false)).await,
        ComputeEndpoint::FreeStart => Box::pin(start::post(state, compute, asked, true)).await,
        ComputeEndpoint::Status => Box::pin(jobs::status(state, compute, asked)).await,
        ComputeEndpoint::Stop => Box::pin(jobs::stop(state, compute, asked)).await,
        ComputeEndpoint::Delete => Box::pin(jobs::delete(state, compute, asked)).await,
        ComputeEndpoint::Result => Box::pin(jobs::result(state, compute, asked)).await,
        ComputeEndpoint::Logs => Box::pin(jobs::logs(state, compute, asked)).await,
        _ => Err(ComputeFault::Api(ApiError::Internal)),
    }
}
