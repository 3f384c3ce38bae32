use ocean_primitives::{Address, ChainId, Dialect};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use crate::model::lenient::{self, Extra};

/// Who may and who may not use an asset or a service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Credentials {
    /// Who may: everybody when empty.
    #[serde(default, deserialize_with = "lenient::list")]
    pub allow: Vec<Credential>,
    /// Who may not. It wins over `allow`.
    #[serde(default, deserialize_with = "lenient::list")]
    pub deny: Vec<Credential>,
    /// How many entries of `allow` must match. Only ocean-node reads it; its default is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub match_allow: Option<Match>,
    /// How many entries of `deny` must match. Only ocean-node reads it; its default is any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub match_deny: Option<Match>,
    /// All other members.
    #[serde(flatten)]
    pub extra: Extra,
}

/// How many entries of a list must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Match {
    /// One is enough.
    Any,
    /// Every one.
    All,
}

/// One entry of an allow or deny list.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Credential {
    /// Addresses as they are written, or `*` for everybody.
    Address(Vec<String>),
    /// Membership in an access list on a chain.
    AccessList(AccessList),
    /// A policy over verifiable credentials, for a policy server.
    SsiPolicy(Vec<Value>),
    /// Anything else, as it stands.
    Other(Value),
}

/// A contract that lists who belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccessList {
    /// Its chain.
    pub chain_id: ChainId,
    /// Its address.
    pub address: Address,
}

/// The answer to whether an address may use something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It may.
    Allowed,
    /// It may not, and why.
    Denied(Denial),
}

/// Why an address may not use something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    /// A deny list names it.
    InDenyList,
    /// There is an allow list that does not name it.
    NotInAllowList,
}

impl Access {
    /// Whether the answer is yes.
    pub const fn is_allowed(self) -> bool {
        matches!(self, Self::Allowed)
    }
}

impl Denial {
    /// The code that the Python Provider's error text ends in (`ConsumableCodes.<code>`).
    pub const fn code(self) -> &'static str {
        match self {
            Self::InDenyList => "CREDENTIAL_IN_DENY_LIST",
            Self::NotInAllowList => "CREDENTIAL_NOT_IN_ALLOW_LIST",
        }
    }
}

impl Credentials {
    /// Credentials from the two lists.
    pub fn new(allow: Vec<Credential>, deny: Vec<Credential>) -> Self {
        Self { allow, deny, ..Self::default() }
    }

    /// Credentials that deny these addresses and allow everybody else.
    pub fn deny_addresses(addresses: impl IntoIterator<Item = Address>) -> Self {
        Self::new(Vec::new(), vec![Credential::addresses(addresses)])
    }

    /// Credentials that allow these addresses and nobody else.
    pub fn allow_addresses(addresses: impl IntoIterator<Item = Address>) -> Self {
        Self::new(vec![Credential::addresses(addresses)], Vec::new())
    }

    /// Whether `address` may, judged without a chain: an access list admits nobody and excludes everybody.
    ///
    /// See [`check`](Self::check).
    pub fn check_address(&self, address: Address, dialect: Dialect) -> Access {
        // On an allow list unknown membership does not help, on a deny list it counts.
        self.decide(address, dialect, |_, list_denies| list_denies)
    }

    /// Whether `address` may, where `is_member` answers for access lists.
    ///
    /// The deny list is asked first and wins, in both dialects; the Python Provider lets the allow list win, which lets in whom the publisher
    /// excluded.
    ///
    /// [`Dialect::Provider`]: one matching entry decides. Entries of other types are ignored beside addresses; an allow list of other types only
    /// admits nobody, where the Python Provider would admit everybody. Address entries without values restrict nobody.
    ///
    /// [`Dialect::OceanNode`]: `match_allow` (default all) and `match_deny` (default any) say how many entries must match; an entry of an unknown
    /// type never does.
    pub fn check(&self, address: Address, dialect: Dialect, is_member: impl Fn(&AccessList) -> bool) -> Access {
        self.decide(address, dialect, |list, _| is_member(list))
    }

    fn decide(&self, address: Address, dialect: Dialect, is_member: impl Fn(&AccessList, bool) -> bool) -> Access {
        let written = address.to_checksum(None);
        let denied = |entry: &Credential| entry.matches(&written, |list| is_member(list, true));
        let allowed = |entry: &Credential| entry.matches(&written, |list| is_member(list, false));
        let (deny, allow) = match dialect {
            Dialect::OceanNode => (
                match self.match_deny.unwrap_or(Match::Any) {
                    Match::Any => self.deny.iter().any(denied),
                    Match::All => !self.deny.is_empty() && self.deny.iter().all(denied),
                },
                match self.match_allow.unwrap_or(Match::All) {
                    Match::Any => self.allow.is_empty() || self.allow.iter().any(allowed),
                    Match::All => self.allow.iter().all(allowed),
                },
            ),
            _ => {
                let unrestricted =
                    self.allow.iter().all(|entry| matches!(entry, Credential::Address(values) if values.is_empty()));
                (self.deny.iter().any(denied), unrestricted || self.allow.iter().any(allowed))
            }
        };
        if deny {
            Access::Denied(Denial::InDenyList)
        } else if allow {
            Access::Allowed
        } else {
            Access::Denied(Denial::NotInAllowList)
        }
    }
}

impl Credential {
    /// An entry of type `address`.
    pub fn addresses(addresses: impl IntoIterator<Item = Address>) -> Self {
        Self::Address(addresses.into_iter().map(|address| address.to_checksum(None)).collect())
    }

    fn matches(&self, address: &str, is_member: impl Fn(&AccessList) -> bool) -> bool {
        match self {
            Self::Address(values) => values.iter().any(|value| value == "*" || value.eq_ignore_ascii_case(address)),
            Self::AccessList(list) => is_member(list),
            Self::SsiPolicy(_) | Self::Other(_) => false,
        }
    }
}

impl Serialize for Credential {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entry = Map::new();
        match self {
            Self::Address(values) => {
                entry.insert("type".into(), "address".into());
                entry.insert("values".into(), values.as_slice().into());
            }
            Self::AccessList(list) => {
                entry.insert("type".into(), "accessList".into());
                entry.insert("chainId".into(), list.chain_id.get().into());
                entry.insert("accessList".into(), list.address.to_checksum(None).into());
            }
            Self::SsiPolicy(values) => {
                entry.insert("type".into(), "SSIpolicy".into());
                entry.insert("values".into(), values.as_slice().into());
            }
            Self::Other(value) => return value.serialize(serializer),
        }
        entry.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Credential {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Values<T: de::DeserializeOwned> {
            #[serde(default = "Vec::new", deserialize_with = "lenient::list")]
            values: Vec<T>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct List {
            chain_id: ChainId,
            access_list: Address,
        }
        let value = Value::deserialize(deserializer)?;
        let kind = value.get("type").and_then(Value::as_str).unwrap_or_default();
        // What does not have the form of its type stays an entry that matches nobody.
        Ok(match kind {
            "address" => Values::deserialize(&value).ok().map(|entry| Self::Address(entry.values)),
            "accessList" => List::deserialize(&value)
                .ok()
                .map(|list| Self::AccessList(AccessList { chain_id: list.chain_id, address: list.access_list })),
            "SSIpolicy" => Values::deserialize(&value).ok().map(|entry| Self::SsiPolicy(entry.values)),
            _ => None,
        }
        .unwrap_or(Self::Other(value)))
    }
}

/// Null, texts and numbers pass the schemas and restrict nobody. A list of credentials does too; more than one is nothing we can judge.
pub(crate) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Credentials>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Array(mut items) if items.len() == 1 => match items.remove(0) {
            item @ Value::Object(_) => Credentials::deserialize(item).map(Some).map_err(de::Error::custom),
            _ => Ok(None),
        },
        Value::Array(items) if items.len() > 1 => Err(de::Error::custom("more than one credentials object")),
        object @ Value::Object(_) => Credentials::deserialize(object).map(Some).map_err(de::Error::custom),
        _ => Ok(None),
    }
}
