use std::collections::BTreeMap;

use ocean_primitives::{Address, ChainId, Dialect};
use serde_json::{Map, Value, json};

use crate::{Endpoint, json::json_text};

/// One line of `serviceEndpoints`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointEntry {
    /// The name clients look up.
    pub name: String,
    /// The HTTP method.
    pub method: String,
    /// The path, with `:parameter` for variable parts.
    pub path: String,
}

impl EndpointEntry {
    /// An entry.
    pub fn new(name: &str, method: &str, path: &str) -> Self {
        Self { name: name.to_owned(), method: method.to_owned(), path: path.to_owned() }
    }
}

/// What a server says about itself at `GET /`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// The chains with the address of this Provider on each, in the order they are listed.
    pub chains: Vec<(ChainId, Address)>,
    /// The compressed public key of the first chain's key (33 bytes); ocean-node's document carries it.
    pub public_key: [u8; 33],
    /// The endpoints that are served.
    pub endpoints: Vec<EndpointEntry>,
}

impl Root {
    /// The document as `dialect` writes it.
    ///
    /// The Provider's names every chain's address, ocean-node's only one, with the chain ids as text and the public key as
    /// a serialised byte array: an object with one key per byte.
    pub fn to_json(&self, dialect: Dialect) -> String {
        let entries = self.endpoints.iter().map(|entry| (entry.name.clone(), json!([entry.method, entry.path])));
        let endpoints: Map<String, Value> = entries.collect();
        let value = match dialect {
            Dialect::OceanNode => json!({
                "nodeId": peer_id(&self.public_key),
                "chainIds": self.chains.iter().map(|(chain, _)| chain.to_string()).collect::<Vec<_>>(),
                "providerAddress": self.chains.first().map(|(_, address)| address.to_checksum(None)),
                "nodePublicKey": self.public_key.iter().enumerate()
                    .map(|(index, byte)| (index.to_string(), json!(byte))).collect::<Map<_, _>>(),
                "serviceEndpoints": endpoints,
                "software": "Ocean-Node",
                "version": "0.0.1",
            }),
            _ => json!({
                "chainIds": self.chains.iter().map(|(chain, _)| chain.get()).collect::<Vec<_>>(),
                "providerAddresses": self.chains.iter()
                    .map(|(chain, address)| (chain.to_string(), json!(address.to_checksum(None)))).collect::<Map<_, _>>(),
                "serviceEndpoints": endpoints,
                "software": "Provider",
                "version": "2.1.6",
            }),
        };
        json_text(dialect, &value)
    }
}

/// The libp2p peer id of a secp256k1 key: base58 of the identity multihash over the key's protobuf form.
pub fn peer_id(compressed: &[u8; 33]) -> String {
    let mut bytes = vec![0x00, 0x25, 0x08, 0x02, 0x12, 0x21];
    bytes.extend_from_slice(compressed);
    base58(&bytes)
}

fn base58(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut digits: Vec<u8> = Vec::new();
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = (carry % 58) as u8;
            carry /= 58;
        }
        while carry > 0 {
            digits.push((carry % 58) as u8);
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let leading = std::iter::repeat_n('1', zeros);
    leading.chain(digits.iter().rev().map(|digit| char::from(ALPHABET[usize::from(*digit)]))).collect()
}

/// Why a document is no discovery document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DiscoveryError {
    /// It is not a JSON object.
    #[error("the discovery document is not a json object")]
    NotAnObject,
    /// It names no address: a Provider has `providerAddresses`, an ocean-node `providerAddress`.
    #[error("the discovery document names no provider address")]
    NoAddress,
    /// It holds an address or a chain id that is none.
    #[error("the discovery document has `{0}` where an address or a chain id should be")]
    BadValue(String),
}

/// A discovery document as a client reads it; it decides the dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovery {
    /// Which family the server belongs to.
    pub dialect: Dialect,
    /// The chains it serves.
    pub chains: Vec<ChainId>,
    /// The Provider's addresses by chain; ocean-node's single one stands for all its chains.
    pub addresses: BTreeMap<ChainId, Address>,
    /// Method and path by endpoint name in lower case.
    pub endpoints: BTreeMap<String, (String, String)>,
    /// What the server calls itself.
    pub software: String,
    /// Its version.
    pub version: String,
}

impl Discovery {
    /// Reads the body of `GET /`.
    ///
    /// # Errors
    /// The document is not that of a Provider or an ocean-node.
    pub fn parse(body: &[u8]) -> Result<Self, DiscoveryError> {
        let value: Value = serde_json::from_slice(body).map_err(|_| DiscoveryError::NotAnObject)?;
        let object = value.as_object().ok_or(DiscoveryError::NotAnObject)?;
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let bad = |value: &Value| DiscoveryError::BadValue(text(value).chars().take(100).collect());
        let chain = |value: &Value| text(value).parse::<ChainId>().map_err(|_| bad(value));
        let address = |value: &Value| text(value).parse::<Address>().map_err(|_| bad(value));

        let listed = match object.get("chainIds") {
            Some(Value::Array(items)) => items.iter().map(chain).collect::<Result<Vec<_>, _>>()?,
            // Providers before 1.1 name one chain.
            _ => object.get("chainId").map(chain).transpose()?.into_iter().collect(),
        };
        let (dialect, addresses) = match (object.get("providerAddresses"), object.get("providerAddress")) {
            (Some(Value::Object(entries)), _) => {
                let entries =
                    entries.iter().map(|(id, value)| Ok((chain(&Value::from(id.as_str()))?, address(value)?)));
                (Dialect::Provider, entries.collect::<Result<BTreeMap<_, _>, DiscoveryError>>()?)
            }
            (_, Some(value)) if !value.is_null() => {
                let address = address(value)?;
                let node = object.get("software").and_then(Value::as_str) == Some("Ocean-Node")
                    || object.contains_key("nodeId");
                let dialect = if node { Dialect::OceanNode } else { Dialect::Provider };
                (dialect, listed.iter().map(|chain| (*chain, address)).collect())
            }
            _ => return Err(DiscoveryError::NoAddress),
        };
        let mut endpoints = BTreeMap::new();
        for (name, value) in object.get("serviceEndpoints").and_then(Value::as_object).into_iter().flatten() {
            if let [Some(method), Some(path)] = [value.get(0), value.get(1)].map(|part| part.and_then(Value::as_str)) {
                endpoints.insert(name.to_lowercase(), (method.to_owned(), path.to_owned()));
            }
        }
        let chains = if listed.is_empty() { addresses.keys().copied().collect() } else { listed };
        let field = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Self { dialect, chains, addresses, endpoints, software: field("software"), version: field("version") })
    }

    /// Method and path of an endpoint: as the document names it, else where that dialect usually has it.
    pub fn endpoint(&self, endpoint: Endpoint) -> Option<(String, String)> {
        let named = endpoint.name(self.dialect).and_then(|name| self.endpoints.get(&name.to_lowercase()));
        if let Some((method, path)) = named {
            return Some((method.clone(), path.clone()));
        }
        endpoint.default_path(self.dialect).map(|(method, path)| (method.to_string(), path.to_owned()))
    }
}
