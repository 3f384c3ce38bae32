use ocean_primitives::Dialect;

use crate::discovery::EndpointEntry;

/// What a request about compute asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ComputeEndpoint {
    /// What is offered.
    Environments,
    /// What a job will cost.
    Initialize,
    /// Starts a job.
    Start,
    /// Starts a job that costs nothing.
    FreeStart,
    /// How jobs are.
    Status,
    /// Stops a job.
    Stop,
    /// Forgets a job.
    Delete,
    /// Streams a result.
    Result,
    /// Streams the log of a running job.
    Logs,
}

/// Where an endpoint is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ComputeRoute {
    /// What it is.
    pub endpoint: ComputeEndpoint,
    /// Its name in the discovery document.
    pub name: &'static str,
    /// Its method.
    pub method: &'static str,
    /// Its path.
    pub path: &'static str,
}

const fn route(
    endpoint: ComputeEndpoint,
    name: &'static str,
    method: &'static str,
    path: &'static str,
) -> ComputeRoute {
    ComputeRoute { endpoint, name, method, path }
}

const PROVIDER: &[ComputeRoute] = &[
    route(ComputeEndpoint::Environments, "computeEnvironments", "GET", "/api/services/computeEnvironments"),
    route(ComputeEndpoint::Initialize, "initializeCompute", "POST", "/api/services/initializeCompute"),
    route(ComputeEndpoint::Start, "computeStart", "POST", "/api/services/compute"),
    route(ComputeEndpoint::Status, "computeStatus", "GET", "/api/services/compute"),
    route(ComputeEndpoint::Stop, "computeStop", "PUT", "/api/services/compute"),
    route(ComputeEndpoint::Delete, "computeDelete", "DELETE", "/api/services/compute"),
    route(ComputeEndpoint::Result, "computeResult", "GET", "/api/services/computeResult"),
];

const NODE: &[ComputeRoute] = &[
    route(ComputeEndpoint::Environments, "computeEnvironments", "GET", "/api/services/computeEnvironments"),
    route(ComputeEndpoint::Initialize, "initializeCompute", "POST", "/api/services/initializeCompute"),
    route(ComputeEndpoint::Start, "computeStart", "POST", "/api/services/compute"),
    route(ComputeEndpoint::FreeStart, "freeCompute", "POST", "/api/services/freeCompute"),
    route(ComputeEndpoint::Status, "computeStatus", "GET", "/api/services/compute"),
    route(ComputeEndpoint::Stop, "computeStop", "PUT", "/api/services/compute"),
    route(ComputeEndpoint::Delete, "computeDelete", "DELETE", "/api/services/compute"),
    route(ComputeEndpoint::Result, "computeResult", "GET", "/api/services/computeResult"),
    route(ComputeEndpoint::Logs, "computeStreamableLogs", "GET", "/api/services/computeStreamableLogs"),
];

/// Every compute route that is served in `dialect`.
pub fn compute_routes(dialect: Dialect) -> &'static [ComputeRoute] {
    match dialect {
        Dialect::OceanNode => NODE,
        _ => PROVIDER,
    }
}

/// The routes as the discovery document of `dialect` lists them.
pub fn compute_entries(dialect: Dialect) -> Vec<EndpointEntry> {
    compute_routes(dialect).iter().map(|route| EndpointEntry::new(route.name, route.method, route.path)).collect()
}
