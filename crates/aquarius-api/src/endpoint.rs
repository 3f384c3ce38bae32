use ocean_primitives::Dialect;

/// One route: the name that ocean-node's discovery document gives it, the method, and the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Endpoint {
    /// The name in `serviceEndpoints` of ocean-node, or ours where no peer names the route.
    pub name: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path, with `:name` for a parameter and `?` for an optional one, as ocean-node prints it.
    pub path: &'static str,
}

const fn endpoint(name: &'static str, method: &'static str, path: &'static str) -> Endpoint {
    Endpoint { name, method, path }
}

/// Routes that both dialects know, under ocean-node's names.
const SHARED: [Endpoint; 5] = [
    endpoint("getDDO", "GET", "/api/aquarius/assets/ddo/:did/:force?"),
    endpoint("getDDOMetadata", "GET", "/api/aquarius/assets/metadata/:did/:force?"),
    endpoint("ddoMetadataQuery", "POST", "/api/aquarius/assets/metadata/query"),
    endpoint("getDDOState", "GET", "/api/aquarius/state/ddo"),
    endpoint("validateDDO", "POST", "/api/aquarius/assets/ddo/validate"),
];

/// Routes of ocean-node only.
const NODE: [Endpoint; 1] = [endpoint("indexQueue", "GET", "/api/services/indexQueue")];

/// Routes of Aquarius only; the names are ours.
const AQUARIUS: [Endpoint; 7] = [
    endpoint("names", "POST", "/api/aquarius/assets/names"),
    endpoint("query", "POST", "/api/aquarius/assets/query"),
    endpoint("triggerCaching", "POST", "/api/aquarius/assets/triggerCaching"),
    endpoint("chainsList", "GET", "/api/aquarius/chains/list"),
    endpoint("chainStatus", "GET", "/api/aquarius/chains/status/:chain"),
    endpoint("retryQueue", "GET", "/api/aquarius/state/retryQueue"),
    endpoint("validationSchema", "GET", "/api/aquarius/validation/schema"),
];

/// The routes a peer of this dialect lists. Our server serves the union whatever the dialect.
pub fn endpoints(dialect: Dialect) -> Vec<Endpoint> {
    match dialect {
        Dialect::OceanNode => SHARED.into_iter().chain(NODE).collect(),
        _ => SHARED.into_iter().chain(AQUARIUS).collect(),
    }
}
