//! `ocean ddo show`

use ocean_ddo::{AssetState, Credential, Credentials, Ddo, Service, TrustedAlgorithms};
use serde::Serialize;
use serde_json::Value;

use super::{checksum::indexer_fields, did::Identity, each};
use crate::{
    failure::{Failure, Outcome, Result},
    input::{Document, Input},
    paint::cut,
    terminal::Terminal,
};

const LINE: usize = 160;
const DESCRIPTION: usize = 400;
/// How many entries of a list are shown; `--format json` has all.
const ENTRIES: usize = 8;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files, `-` for stdin, or URLs.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<Input>,
}

/// What matters about an asset.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    input: String,
    did: String,
    /// Whether the identifier is the one of the address and the chain.
    did_matches: bool,
    version: String,
    chain_id: u64,
    nft_address: String,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    description: String,
    author: String,
    license: String,
    created: String,
    updated: String,
    tags: Vec<String>,
    /// Image and tag of an algorithm.
    #[serde(skip_serializing_if = "Option::is_none")]
    container: Option<String>,
    access: AccessRules,
    services: Vec<ServiceSummary>,
    /// Of what was published: what an indexer added does not count.
    checksum: String,
    size: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    indexed: Option<Indexed>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ServiceSummary {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    datatoken_address: String,
    endpoint: String,
    /// Seconds; 0 is for ever.
    timeout: u64,
    /// Bytes of the encrypted files object.
    files_size: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    compute: Option<Compute>,
    consumer_parameters: Vec<String>,
    access: AccessRules,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Compute {
    raw_algorithm: bool,
    network_access: bool,
    /// `*` alone is any.
    trusted_algorithms: Vec<String>,
    trusted_publishers: Vec<String>,
}

#[derive(Debug, Default, Serialize)]
struct AccessRules {
    allow: Vec<String>,
    deny: Vec<String>,
}

/// What an indexer says about the asset.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Indexed {
    fields: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_meaning: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    orders: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<String>,
}

pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result {
    let mut first = true;
    each(&args.inputs, terminal, Input::read, |document, terminal| {
        match Summary::of(document) {
            Ok(summary) if terminal.is_json() => terminal.json(&summary),
            Ok(summary) => {
                if !std::mem::take(&mut first) {
                    terminal.line("");
                }
                people(&summary, terminal);
            }
            Err(failure) => terminal.report(&failure),
        }
        Outcome::Good
    })
}

impl Summary {
    fn of(document: &Document) -> Result<Self> {
        let ddo = document.raw.ddo().map_err(|error| {
            Failure::new(cut(&error.to_string(), LINE))
                .of(document.name.as_str())
                .hint("`ocean ddo validate` lists all that is wrong, with lines")
        })?;
        let value = document.raw.value();
        let published = document.raw.stripped();
        let Ddo { metadata, services, credentials, .. } = &ddo;
        Ok(Self {
            input: document.name.clone(),
            did: ddo.id.to_string(),
            did_matches: Identity::of(&value).is_ok_and(|identity| identity.derived == ddo.id),
            version: ddo.version.to_string(),
            chain_id: ddo.chain_id.get(),
            nft_address: ddo.nft_address.to_checksum(None),
            kind: metadata.kind.to_string(),
            name: metadata.name.clone(),
            description: metadata.description.clone(),
            author: metadata.author.clone(),
            license: metadata.license.clone(),
            created: metadata.created.clone(),
            updated: metadata.updated.clone(),
            tags: metadata.tags.clone(),
            container: metadata
                .algorithm
                .as_ref()
                .map(|algorithm| format!("{}:{}", algorithm.container.image, algorithm.container.tag)),
            access: AccessRules::of(credentials.as_ref()),
            services: services.iter().map(ServiceSummary::of).collect(),
            checksum: published.checksum().to_string(),
            size: published.as_bytes().len(),
            indexed: Indexed::of(&value, indexer_fields(&document.raw)),
        })
    }
}

impl ServiceSummary {
    fn of(service: &Service) -> Self {
        let compute = service.compute.as_ref().map(|compute| Compute {
            raw_algorithm: compute.allow_raw_algorithm,
            network_access: compute.allow_network_access,
            trusted_algorithms: match &compute.publisher_trusted_algorithms {
                TrustedAlgorithms::Any => vec!["*".to_owned()],
                TrustedAlgorithms::List(list) => list.iter().map(|algorithm| algorithm.did.clone()).collect(),
            },
            trusted_publishers: compute.publisher_trusted_algorithm_publishers.clone(),
        });
        Self {
            id: service.id.as_str().to_owned(),
            kind: service.kind.to_string(),
            name: service.name.clone(),
            datatoken_address: service.datatoken_address.to_checksum(None),
            endpoint: service.service_endpoint.clone(),
            timeout: service.timeout,
            files_size: service.files.strip_prefix("0x").map_or(service.files.len(), |digits| digits.len() / 2),
            compute,
            consumer_parameters: service.consumer_parameters.iter().map(|parameter| parameter.name.clone()).collect(),
            access: AccessRules::of(service.credentials.as_ref()),
        }
    }
}

impl AccessRules {
    fn of(credentials: Option<&Credentials>) -> Self {
        let list = |entries: &[Credential]| entries.iter().flat_map(entry).collect();
        credentials.map_or_else(Self::default, |credentials| Self {
            allow: list(&credentials.allow),
            deny: list(&credentials.deny),
        })
    }
}

fn entry(credential: &Credential) -> Vec<String> {
    match credential {
        Credential::Address(values) => values.clone(),
        Credential::AccessList(list) => {
            vec![format!("access list {} on chain {}", list.address.to_checksum(None), list.chain_id)]
        }
        Credential::SsiPolicy(values) => vec![format!("SSI policy ({})", count(values.len() as u64, "request"))],
        other => {
            let kind = match other {
                Credential::Other(value) => value["type"].as_str(),
                _ => None,
            };
            vec![
                kind.map_or_else(
                    || "a credential without a type".to_owned(),
                    |kind| format!("credential of type {kind}"),
                ),
            ]
        }
    }
}

impl Indexed {
    /// Aquarius' shape first: where both are there they say the same.
    fn of(document: &Value, fields: Vec<&'static str>) -> Option<Self> {
        if fields.is_empty() {
            return None;
        }
        let inner = &document["indexedMetadata"];
        let nft = |name: &str| [&document["nft"][name], &inner["nft"][name]].into_iter().find(|value| !value.is_null());
        let state = nft("state").and_then(Value::as_u64);
        let orders = document["stats"]["orders"].as_u64().or_else(|| {
            let stats = inner["stats"].as_array()?;
            Some(stats.iter().filter_map(|stats| stats["orders"].as_u64()).fold(0, u64::saturating_add))
        });
        let scalar = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let old = &document["stats"]["price"];
        let price = scalar(&old["value"])
            .map(|price| match old["tokenSymbol"].as_str().or_else(|| old["tokenAddress"].as_str()) {
                Some(token) => format!("{price} {token}"),
                None => price,
            })
            .or_else(|| {
                let new = &inner["stats"][0]["prices"][0];
                let price = scalar(&new["price"])?;
                Some(new["token"].as_str().map_or_else(|| price.clone(), |token| format!("{price} {token}")))
            });
        Some(Self {
            fields,
            state,
            state_meaning: state
                .and_then(|state| u8::try_from(state).ok())
                .and_then(|state| AssetState::try_from(state).ok())
                .map(AssetState::description),
            owner: nft("owner").and_then(Value::as_str).map(str::to_owned),
            orders,
            price,
        })
    }
}

fn people(summary: &Summary, terminal: &mut Terminal) {
    let paint = terminal.paint;
    terminal.line(format_args!("{}", paint.bold(&cut(&summary.name, LINE))));
    let id = if summary.did_matches {
        cut(&summary.did, LINE)
    } else {
        format!("{}  {}", cut(&summary.did, LINE), paint.red("not that of the data NFT and the chain"))
    };
    field(terminal, "DID", &id);
    let text = |value: &str| cut(value, LINE);
    field(terminal, "type", &format!("{}, version {}", text(&summary.kind), text(&summary.version)));
    field(terminal, "data NFT", &format!("{} on chain {}", summary.nft_address, summary.chain_id));
    field(terminal, "author", &text(&summary.author));
    field(terminal, "licence", &text(&summary.license));
    field(terminal, "created", &text(&summary.created));
    field(terminal, "updated", &text(&summary.updated));
    field(terminal, "tags", &list(&summary.tags));
    field(terminal, "container", &text(summary.container.as_deref().unwrap_or_default()));
    field(terminal, "access", &summary.access.sentence());
    field(terminal, "checksum", &format!("{} ({})", summary.checksum, count(summary.size as u64, "byte")));
    field(terminal, "about", &cut(summary.description.trim(), DESCRIPTION));
    for (index, service) in summary.services.iter().enumerate() {
        let name = service.name.as_deref().map(|name| format!(" {}", text(name))).unwrap_or_default();
        terminal.line(format_args!(
            "{}",
            paint.bold(&format!("service {index}: {}{name} (id {})", text(&service.kind), text(&service.id)))
        ));
        field(terminal, "endpoint", &text(&service.endpoint));
        field(terminal, "datatoken", &service.datatoken_address);
        field(terminal, "lasts", &lasting(service.timeout));
        let files = match service.files_size {
            0 => "held by the endpoint".to_owned(),
            size => format!("{}, encrypted", count(size as u64, "byte")),
        };
        field(terminal, "files", &files);
        if let Some(compute) = &service.compute {
            field(terminal, "compute", &compute.sentence());
        }
        field(terminal, "asks for", &list(&service.consumer_parameters));
        if !(service.access.allow.is_empty() && service.access.deny.is_empty()) {
            field(terminal, "access", &service.access.sentence());
        }
    }
    if let Some(indexed) = &summary.indexed {
        terminal.line(format_args!("{}", paint.bold("from the indexer")));
        if let Some(state) = indexed.state {
            let meaning = indexed.state_meaning.unwrap_or("not a state of an asset");
            field(terminal, "state", &format!("{state}: {meaning}"));
        }
        field(terminal, "owner", &text(indexed.owner.as_deref().unwrap_or_default()));
        field(terminal, "orders", &indexed.orders.map(|orders| orders.to_string()).unwrap_or_default());
        field(terminal, "price", &text(indexed.price.as_deref().unwrap_or_default()));
    }
}

/// A labelled line; nothing when there is nothing to say.
fn field(terminal: &mut Terminal, label: &str, value: &str) {
    if !value.is_empty() {
        let label = format!("{label:<10}");
        let label = terminal.paint.dim(&label).into_owned();
        terminal.line(format_args!("  {label} {value}"));
    }
}

fn list(entries: &[String]) -> String {
    let mut shown: Vec<_> = entries.iter().take(ENTRIES).map(|entry| cut(entry, LINE)).collect();
    if entries.len() > ENTRIES {
        shown.push(format!("and {} more", entries.len() - ENTRIES));
    }
    shown.join(", ")
}

fn lasting(seconds: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let whole = |(unit, _): &&(u64, &str)| seconds.is_multiple_of(*unit);
    match UNITS.iter().find(whole) {
        Some((unit, name)) if seconds > 0 => count(seconds / unit, name),
        _ => "for ever".to_owned(),
    }
}

fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

impl AccessRules {
    fn sentence(&self) -> String {
        match (self.allow.as_slice(), self.deny.as_slice()) {
            ([], []) => "everybody".to_owned(),
            ([any], []) if any == "*" => "everybody".to_owned(),
            ([], deny) => format!("everybody but {}", list(deny)),
            (allow, []) => format!("only {}", list(allow)),
            (allow, deny) => format!("only {}, but not {}", list(allow), list(deny)),
        }
    }
}

impl Compute {
    fn sentence(&self) -> String {
        let mut parts = Vec::new();
        if self.raw_algorithm {
            parts.push("any code".to_owned());
        }
        match self.trusted_algorithms.as_slice() {
            [] => {}
            [any] if any == "*" => parts.push("any published algorithm".to_owned()),
            dids => parts.push(format!("algorithms {}", list(dids))),
        }
        if !self.trusted_publishers.is_empty() {
            parts.push(format!("algorithms of {}", list(&self.trusted_publishers)));
        }
        if parts.is_empty() {
            // The stacks disagree on what empty lists mean.
            parts.push("no trusted algorithm listed (any at a Python Provider, none at ocean-node)".to_owned());
        }
        parts.push(if self.network_access { "with network" } else { "without network" }.to_owned());
        parts.join("; ")
    }
}
