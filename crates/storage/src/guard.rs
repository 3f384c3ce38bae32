use std::{
    collections::BTreeSet,
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;
use url::{Host, Url};

use crate::{
    error::{Error, Result},
    timeouts::Timeouts,
};

/// The most headers that a response may carry.
pub(crate) const MAX_HEADERS: usize = 100;

/// What an address is to a server that fetches on behalf of strangers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AddressClass {
    /// Routed on the public internet.
    Public,
    /// Loopback, private and carrier-grade ranges, unique local, benchmarking and documentation: reached only when the operator allows it.
    Private,
    /// Unspecified, link-local (cloud metadata services live there), multicast, broadcast and reserved ranges: never reached.
    Forbidden,
}

/// Says what `address` is, looking through the IPv6 forms that carry an IPv4 address.
///
/// The tables follow the IANA special-purpose address registries.
pub fn classify(address: IpAddr) -> AddressClass {
    match address {
        IpAddr::V4(address) => classify_v4(address),
        IpAddr::V6(address) => classify_v6(address),
    }
}

fn classify_v4(address: Ipv4Addr) -> AddressClass {
    use AddressClass::{Forbidden, Private, Public};
    match address.octets() {
        [0, ..] | [169, 254, ..] | [224..=255, ..] => Forbidden,
        [10 | 127, ..] | [192, 168, ..] | [100, 64..=127, ..] | [172, 16..=31, ..] => Private,
        [198, 18 | 19, ..] | [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 51, 100, _] | [203, 0, 113, _] => Private,
        _ => Public,
    }
}

fn classify_v6(address: Ipv6Addr) -> AddressClass {
    use AddressClass::{Forbidden, Private, Public};
    let embedded = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        classify_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Forbidden,
        [0, 0, 0, 0, 0, 0, 0, 1] => Private,
        // IPv4-mapped, IPv4-translated, the deprecated IPv4-compatible form, and the well-known NAT64 prefix.
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0, 0, 0, 0, 0, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        // 6to4.
        [0x2002, high, low, ..] => embedded(high, low),
        // Teredo and the other protocol assignments.
        [0x2001, 0..=0x01ff, ..] => Private,
        [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => Private,
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => Private,
        // Only 2000::/3 has been given out as global unicast; this leaves link-local and multicast forbidden as well.
        [0x2000..=0x3fff, ..] => Public,
        _ => Forbidden,
    }
}

/// Which addresses outgoing requests may go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AddressPolicy {
    /// Whether [`AddressClass::Private`] addresses are reached: for local networks and tests only.
    pub allow_private: bool,
}

impl AddressPolicy {
    /// Whether this policy lets a request reach `address`.
    pub fn permits(self, address: IpAddr) -> bool {
        match classify(address) {
            AddressClass::Public => true,
            AddressClass::Private => self.allow_private,
            AddressClass::Forbidden => false,
        }
    }
}

/// Turns a host name into addresses. Replaced in tests; everybody else uses [`SystemResolver`].
#[async_trait]
pub trait HostResolver: fmt::Debug + Send + Sync {
    /// Every address of `host`.
    ///
    /// # Errors
    /// The name does not resolve.
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The resolver of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

#[async_trait]
impl HostResolver for SystemResolver {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// Decides which addresses a request on behalf of a stranger may reach; cheap to clone.
///
/// A name is resolved once per connection, by the resolver that the connection itself uses: what is connected to is what was checked.
/// A name of which any address is refused is refused as a whole.
#[derive(Debug, Clone)]
pub struct Guard {
    policy: AddressPolicy,
    permitted: Arc<BTreeSet<IpAddr>>,
    resolver: Arc<dyn HostResolver>,
}

impl Default for Guard {
    fn default() -> Self {
        Self::new(AddressPolicy::default())
    }
}

impl Guard {
    /// A guard over the resolver of the operating system.
    pub fn new(policy: AddressPolicy) -> Self {
        Self { policy, permitted: Arc::default(), resolver: Arc::new(SystemResolver) }
    }

    /// Replaces the policy.
    #[must_use]
    pub fn with_policy(mut self, policy: AddressPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Resolves names with `resolver` instead.
    #[must_use]
    pub fn with_resolver(mut self, resolver: Arc<dyn HostResolver>) -> Self {
        self.resolver = resolver;
        self
    }

    /// Permits one address whatever the policy says of it, for example an internal file server of the operator's own.
    #[must_use]
    pub fn permit(mut self, address: IpAddr) -> Self {
        Arc::make_mut(&mut self.permitted).insert(address);
        self
    }

    /// Whether a connection to `address` may be made.
    pub fn permits(&self, address: IpAddr) -> bool {
        self.permitted.contains(&address) || self.policy.permits(address)
    }

    /// Checks what can be checked without resolving: the scheme, and the address when the host is a number in any spelling.
    ///
    /// Names are checked when the connection is made. A client does not resolve numbers, so every URL, also that of each
    /// redirect, has to pass here first.
    ///
    /// # Errors
    /// [`Error::InvalidUrl`] or [`Error::Address`].
    pub fn check(&self, url: &Url) -> Result<()> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Error::InvalidUrl("the scheme is not http or https"));
        }
        // The parser has brought decimal, octal, hexadecimal and short spellings into their one form.
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(name)) if !name.is_empty() => return Ok(()),
            _ => return Err(Error::InvalidUrl("there is no host")),
        };
        if self.permits(address) { Ok(()) } else { Err(Error::Address) }
    }

    /// The addresses of `host`, all of them permitted.
    ///
    /// # Errors
    /// [`Error::Unresolved`] when there are none, [`Error::Address`] when one of them is refused.
    pub async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>> {
        let addresses = self.resolver.resolve(host).await.map_err(|_| Error::Unresolved)?;
        if addresses.is_empty() {
            return Err(Error::Unresolved);
        }
        if addresses.iter().all(|address| self.permits(*address)) { Ok(addresses) } else { Err(Error::Address) }
    }

    /// The addresses to connect to for `host`, all of them permitted. For protocols that have no client with a resolver: connect
    /// to one of these and to nothing else.
    ///
    /// # Errors
    /// As [`Guard::resolve`].
    pub async fn addresses(&self, host: &Host<String>) -> Result<Vec<IpAddr>> {
        let address = match host {
            Host::Domain(name) => return self.resolve(name).await,
            Host::Ipv4(address) => IpAddr::V4(*address),
            Host::Ipv6(address) => IpAddr::V6(*address),
        };
        if self.permits(address) { Ok(vec![address]) } else { Err(Error::Address) }
    }

    /// A client whose connections to names go only to permitted addresses.
    ///
    /// It follows no redirect, uses no proxy and sends no credentials of its own. Call [`Guard::check`] on a URL before every request.
    ///
    /// # Errors
    /// [`Error::Client`] when the TLS configuration of the machine cannot be read.
    pub fn client(&self, timeouts: &Timeouts) -> Result<reqwest::Client> {
        reqwest::Client::builder()
            .dns_resolver(Resolver(self.clone()))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .user_agent(concat!("ocean-storage/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(timeouts.connect)
            .http1_max_headers(MAX_HEADERS)
            .pool_max_idle_per_host(8)
            .pool_idle_timeout(std::time::Duration::from_secs(30))
            .build()
            .map_err(|error| Error::Client(error.without_url().to_string()))
    }
}

/// The guard in the place where the client resolves names.
struct Resolver(Guard);

impl reqwest::dns::Resolve for Resolver {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let guard = self.0.clone();
        Box::pin(async move {
            let addresses = guard.resolve(name.as_str()).await?;
            let addresses: reqwest::dns::Addrs =
                Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}
