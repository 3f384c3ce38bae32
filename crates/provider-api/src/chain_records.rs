//! `GET /api/services/accesslists`, `GET /api/services/accesslists/{chainId}/{contractAddress}` and
//! `GET /api/services/escrow/events` (ocean-node)

use ocean_primitives::{Address, B256, ChainId, Dialect, U256};
use serde_json::{Map, Value, json};

use crate::{error::ApiError, json::json_text, request::RequestData};

/// The most events of one answer.
pub const MOST_EVENTS: usize = 1_000;

/// Names of the escrow contract's events.
const EVENTS: [&str; 6] = ["Auth", "Lock", "Claimed", "Canceled", "Deposit", "Withdraw"];

/// Asks which access lists an address is on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessListsRequest {
    /// The address.
    pub wallet: Address,
    /// On which chain; on all of them where none is named.
    pub chain: Option<ChainId>,
}

impl AccessListsRequest {
    /// Reads the query.
    ///
    /// # Errors
    /// No address, or something that is none.
    pub fn parse(data: &RequestData) -> Result<Self, ApiError> {
        let invalid = |text: &str| ApiError::Invalid(text.to_owned());
        let wallet = data.filled("wallet").ok_or_else(|| invalid("Missing required query param: wallet"))?;
        let wallet = wallet.parse().map_err(|_| invalid("Invalid wallet address"))?;
        Ok(Self { wallet, chain: chain(data)? })
    }
}

/// Asks for one access list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessListRequest {
    /// The chain; `None` where the text is no chain id.
    pub chain: Option<ChainId>,
    /// The contract.
    pub contract: Address,
}

impl AccessListRequest {
    /// Reads the parts of the path.
    ///
    /// # Errors
    /// The contract is no address.
    pub fn parse(chain: &str, contract: &str) -> Result<Self, ApiError> {
        let invalid = |_| ApiError::Invalid("Parameter : \"contractAddress\" is not a valid web3 address".to_owned());
        Ok(Self { chain: chain.parse().ok(), contract: contract.parse().map_err(invalid)? })
    }
}

/// The field `chainId` where it is given.
fn chain(data: &RequestData) -> Result<Option<ChainId>, ApiError> {
    let parse = |text: std::borrow::Cow<'_, str>| {
        text.parse().map_err(|_| ApiError::Invalid("chainId must be a number".to_owned()))
    };
    data.filled("chainId").map(parse).transpose()
}

/// An access list as the index of the peer has it: addresses in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessListRecord {
    /// Its chain.
    pub chain: ChainId,
    /// The contract.
    pub contract: Address,
    /// Its name.
    pub name: String,
    /// Its symbol.
    pub symbol: String,
    /// Whether members can hand their membership on.
    pub transferable: bool,
    /// The block it was made in.
    pub block: u64,
    /// The transaction it was made in.
    pub tx: B256,
    /// Its members.
    pub users: Vec<AccessListUser>,
}

/// A member of an access list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessListUser {
    /// The member.
    pub wallet: Address,
    /// The token that makes it one.
    pub token: U256,
    /// The block in which it became one.
    pub block: u64,
    /// The transaction of that.
    pub tx: B256,
    /// The time of that block in unix seconds.
    pub timestamp: u64,
}

impl AccessListRecord {
    /// The record as it is sent.
    pub fn to_value(&self) -> Value {
        let users = self.users.iter().map(|user| {
            json!({
                "wallet": lower(user.wallet), "tokenId": u64::try_from(user.token).unwrap_or(u64::MAX),
                "block": user.block, "txId": user.tx, "timestamp": user.timestamp,
            })
        });
        json!({
            "id": format!("{}-{}", self.chain, lower(self.contract)),
            "chainId": self.chain.get(), "contractAddress": lower(self.contract), "name": self.name,
            "symbol": self.symbol, "transferable": self.transferable, "block": self.block, "txId": self.tx,
            "users": users.collect::<Vec<_>>(),
        })
    }
}

fn lower(address: Address) -> String {
    format!("{address:#x}")
}

/// Asks for events of the escrow contract.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EscrowEventsRequest {
    /// Of which chain; of all of them where none is named.
    pub chain: Option<ChainId>,
    /// Only events of this name.
    pub kind: Option<String>,
    /// Only events with this payer.
    pub payer: Option<Address>,
    /// Only events with this payee.
    pub payee: Option<Address>,
    /// Only events with this token.
    pub token: Option<Address>,
    /// Only events of this job, as a decimal number.
    pub job: Option<String>,
    /// Only events of this transaction.
    pub tx: Option<String>,
    /// How many to leave out.
    pub offset: usize,
    /// How many to answer with.
    pub size: usize,
}

impl EscrowEventsRequest {
    /// Reads the query.
    ///
    /// # Errors
    /// A name that no event has, or something that is no number or address.
    pub fn parse(data: &RequestData) -> Result<Self, ApiError> {
        let kind = data.filled("eventType").map(|kind| kind.into_owned());
        if kind.as_ref().is_some_and(|kind| !EVENTS.contains(&kind.as_str())) {
            return Err(ApiError::Invalid(format!("eventType must be one of: {}", EVENTS.join(", "))));
        }
        let address = |field: &str| {
            let parse = |text: std::borrow::Cow<'_, str>| {
                text.parse::<Address>()
                    .map_err(|_| ApiError::Invalid(format!("Parameter : \"{field}\" is not a valid web3 address")))
            };
            data.filled(field).map(parse).transpose()
        };
        let number = |field: &str, default: usize| {
            data.filled(field).map_or(Ok(default), |text| {
                text.parse::<usize>().map_err(|_| ApiError::Invalid(format!("{field} must be a number")))
            })
        };
        let text = |field: &str| data.filled(field).map(|text| text.into_owned());
        Ok(Self {
            chain: chain(data)?,
            kind,
            payer: address("payer")?,
            payee: address("payee")?,
            token: address("token")?,
            job: text("jobId"),
            tx: text("txId"),
            offset: number("offset", 0)?,
            size: number("size", 100)?.min(MOST_EVENTS),
        })
    }
}

/// One event of the escrow contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EscrowRecord {
    /// Its name.
    pub kind: &'static str,
    /// Its chain.
    pub chain: ChainId,
    /// The contract.
    pub contract: Address,
    /// Its block.
    pub block: u64,
    /// Its transaction.
    pub tx: B256,
    /// Its place among the logs of its block.
    pub index: u64,
    /// Its values under the peer's names: addresses in lower case, numbers in decimal.
    pub values: Vec<(&'static str, String)>,
}

impl EscrowRecord {
    /// Whether the record is one that was asked for.
    pub fn is_wanted(&self, asked: &EscrowEventsRequest) -> bool {
        let value = |name: &str| self.values.iter().find(|(field, _)| *field == name).map(|(_, value)| value.as_str());
        let same = |name: &str, wanted: Option<Address>| {
            wanted.is_none_or(|wanted| value(name) == Some(lower(wanted).as_str()))
        };
        asked.kind.as_ref().is_none_or(|kind| kind == self.kind)
            && same("payer", asked.payer)
            && same("payee", asked.payee)
            && same("token", asked.token)
            && asked.job.as_ref().is_none_or(|job| value("jobId") == Some(job))
            && asked.tx.as_ref().is_none_or(|tx| tx.eq_ignore_ascii_case(&self.tx.to_string()))
    }

    fn to_value(&self) -> Value {
        let mut record = Map::new();
        record.insert("id".to_owned(), json!(format!("{}-{}", self.tx, self.index)));
        record.insert("eventType".to_owned(), json!(self.kind));
        record.insert("chainId".to_owned(), json!(self.chain.get()));
        record.insert("contract".to_owned(), json!(lower(self.contract)));
        record.insert("block".to_owned(), json!(self.block));
        record.insert("txHash".to_owned(), json!(self.tx));
        record.extend(self.values.iter().map(|(name, value)| ((*name).to_owned(), json!(value))));
        Value::Object(record)
    }
}

/// The answer to a search for access lists.
pub fn access_lists(records: &[AccessListRecord]) -> String {
    json_text(Dialect::OceanNode, &records.iter().map(AccessListRecord::to_value).collect())
}

/// The answer to the question for one access list.
pub fn access_list(record: &AccessListRecord) -> String {
    json_text(Dialect::OceanNode, &record.to_value())
}

/// The answer to a search for events of the escrow contract.
pub fn escrow_events(records: &[EscrowRecord]) -> String {
    json_text(Dialect::OceanNode, &records.iter().map(EscrowRecord::to_value).collect())
}
