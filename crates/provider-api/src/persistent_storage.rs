//! `/api/services/persistentStorage/buckets` and what lies below it (ocean-node)

use std::collections::BTreeMap;

use ocean_crypto::command;
use ocean_primitives::{Address, ChainId, Dialect};
use serde_json::{Value, json};

use crate::{
    command::{Caller, authorize_command, missing},
    error::{ApiError, StorageFault},
    json::json_text,
    request::RequestData,
    signed::AuthContext,
};

/// The most characters of a label.
const LONGEST_LABEL: usize = 256;

/// The most contracts that the access lists of one bucket name.
const MOST_LISTS: usize = 16;

/// The access lists of a bucket: contracts by chain, in the groups they were sent in. Whoever is on one of them may use the bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BucketLists(pub Vec<BTreeMap<ChainId, Vec<Address>>>);

impl BucketLists {
    /// Reads `[{"<chain id>": ["<address>", …]}, …]`.
    ///
    /// # Errors
    /// Another shape, or more lists than are asked.
    pub fn parse(value: &Value) -> Result<Self, StorageFault> {
        let groups = value.as_array().ok_or(StorageFault::AccessLists)?;
        let address = |value: &Value| value.as_str().and_then(|text| text.parse::<Address>().ok());
        let group = |value: &Value| -> Option<BTreeMap<ChainId, Vec<Address>>> {
            let chains = value.as_object()?.iter().map(|(chain, lists)| {
                let lists = lists.as_array()?.iter().map(address).collect::<Option<Vec<_>>>()?;
                Some((chain.parse().ok()?, lists))
            });
            chains.collect()
        };
        let lists = Self(groups.iter().map(group).collect::<Option<Vec<_>>>().ok_or(StorageFault::AccessLists)?);
        if lists.contracts().count() > MOST_LISTS { Err(StorageFault::AccessLists) } else { Ok(lists) }
    }

    /// Every contract.
    pub fn contracts(&self) -> impl Iterator<Item = (ChainId, Address)> {
        self.0.iter().flatten().flat_map(|(chain, lists)| lists.iter().map(|list| (*chain, *list)))
    }

    /// As it is sent.
    pub fn to_value(&self) -> Value {
        let group = |chains: &BTreeMap<ChainId, Vec<Address>>| -> Value {
            let chains = chains.iter().map(|(chain, lists)| {
                (chain.to_string(), json!(lists.iter().map(|list| list.to_checksum(None)).collect::<Vec<_>>()))
            });
            Value::Object(chains.collect())
        };
        Value::Array(self.0.iter().map(group).collect())
    }
}

/// A bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Its id, a random UUID.
    pub id: String,
    /// Who made it.
    pub owner: Address,
    /// When, in unix seconds.
    pub created_at: i64,
    /// Who else may use it.
    pub lists: BucketLists,
    /// What its owner calls it.
    pub label: Option<String>,
}

/// A file in a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was written last, in unix milliseconds.
    pub last_modified: u64,
}

/// Makes a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateBucket {
    /// Its owner.
    pub caller: Caller,
    /// Who else may use it.
    pub lists: BucketLists,
    /// What to call it.
    pub label: Option<String>,
}

impl CreateBucket {
    /// Reads and authorises the body.
    ///
    /// # Errors
    /// No access lists, lists or a label of the wrong form, or the signature.
    pub fn parse(data: &RequestData, auth: &AuthContext) -> Result<Self, ApiError> {
        const COMMAND: &str = command::PERSISTENT_STORAGE_CREATE_BUCKET;
        missing(COMMAND, &["accessLists"], data)?;
        let lists = BucketLists::parse(data.value("accessLists").unwrap_or(&Value::Null))?;
        let label = label(data)?;
        Ok(Self { caller: authorize_command(data, auth, COMMAND)?, lists, label })
    }
}

/// Lists the buckets of an owner that the caller may use.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListBuckets {
    /// Who asks.
    pub caller: Caller,
    /// Whose buckets.
    pub owner: Address,
}

impl ListBuckets {
    /// Reads and authorises the query.
    ///
    /// # Errors
    /// No owner, or the signature.
    pub fn parse(data: &RequestData, auth: &AuthContext) -> Result<Self, ApiError> {
        const COMMAND: &str = command::PERSISTENT_STORAGE_GET_BUCKETS;
        missing(COMMAND, &["owner"], data)?;
        let owner = data.text("owner").and_then(|text| text.parse().ok());
        let caller = authorize_command(data, auth, COMMAND)?;
        let bad = || ApiError::Invalid("Invalid parameter: \"owner\" or \"consumerAddress\"".to_owned());
        Ok(Self { caller, owner: owner.ok_or_else(bad)? })
    }
}

/// Renames a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UpdateBucket {
    /// Who asks; only the owner may.
    pub caller: Caller,
    /// Which bucket.
    pub bucket: String,
    /// What to call it; nothing takes the name away.
    pub label: Option<String>,
}

impl UpdateBucket {
    /// Reads and authorises the request: the query, and the label in the body.
    ///
    /// # Errors
    /// A bucket id or a label of the wrong form, or the signature.
    pub fn parse(data: &RequestData, auth: &AuthContext, bucket: &str) -> Result<Self, ApiError> {
        let label = label(data)?;
        let caller = authorize_command(data, auth, command::PERSISTENT_STORAGE_UPDATE_BUCKET)?;
        Ok(Self { caller, bucket: bucket_id(bucket)?, label })
    }
}

/// Asks something about a bucket or a file in it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BucketRequest {
    /// Who asks.
    pub caller: Caller,
    /// Which bucket.
    pub bucket: String,
    /// Which file; empty where the whole bucket is meant.
    pub file: String,
}

impl BucketRequest {
    /// Lists the files of a bucket.
    ///
    /// # Errors
    /// A bucket id of the wrong form, or the signature.
    pub fn list(data: &RequestData, auth: &AuthContext, bucket: &str) -> Result<Self, ApiError> {
        let caller = authorize_command(data, auth, command::PERSISTENT_STORAGE_LIST_FILES)?;
        Ok(Self { caller, bucket: bucket_id(bucket)?, file: String::new() })
    }

    /// Stores a file.
    ///
    /// # Errors
    /// A bucket id or a file name of the wrong form, or the signature.
    pub fn upload(data: &RequestData, auth: &AuthContext, bucket: &str, file: &str) -> Result<Self, ApiError> {
        Self::of_file(data, auth, command::PERSISTENT_STORAGE_UPLOAD_FILE, bucket, file)
    }

    /// Removes a file.
    ///
    /// # Errors
    /// As for [`Self::upload`].
    pub fn delete(data: &RequestData, auth: &AuthContext, bucket: &str, file: &str) -> Result<Self, ApiError> {
        Self::of_file(data, auth, command::PERSISTENT_STORAGE_DELETE_FILE, bucket, file)
    }

    /// Asks for the file object that names a file.
    ///
    /// # Errors
    /// As for [`Self::upload`].
    pub fn object(data: &RequestData, auth: &AuthContext, bucket: &str, file: &str) -> Result<Self, ApiError> {
        Self::of_file(data, auth, command::PERSISTENT_STORAGE_GET_FILE_OBJECT, bucket, file)
    }

    fn of_file(
        data: &RequestData,
        auth: &AuthContext,
        command: &'static str,
        bucket: &str,
        file: &str,
    ) -> Result<Self, ApiError> {
        let caller = authorize_command(data, auth, command)?;
        Ok(Self { caller, bucket: bucket_id(bucket)?, file: file_name(file)? })
    }
}

/// The id where it is a UUID of version 4: it becomes part of a path.
fn bucket_id(text: &str) -> Result<String, StorageFault> {
    let form = |place: usize, char: char| match place {
        8 | 13 | 18 | 23 => char == '-',
        14 => char == '4',
        19 => matches!(char, '8' | '9' | 'a' | 'b' | 'A' | 'B'),
        _ => char.is_ascii_hexdigit(),
    };
    let valid = text.len() == 36 && text.chars().enumerate().all(|(place, char)| form(place, char));
    if valid { Ok(text.to_ascii_lowercase()) } else { Err(StorageFault::BucketId) }
}

/// The name where it is one component of a path and no special one, and neither a control character nor longer than file systems take.
fn file_name(text: &str) -> Result<String, StorageFault> {
    let special = text.is_empty() || text.starts_with('.') || text.len() > 200;
    let unsafe_char = |char: char| char.is_control() || matches!(char, '/' | '\\' | ':');
    if special || text.contains(unsafe_char) { Err(StorageFault::FileName) } else { Ok(text.to_owned()) }
}

fn label(data: &RequestData) -> Result<Option<String>, StorageFault> {
    match data.value("label") {
        None => Ok(None),
        Some(Value::String(text)) if text.chars().count() > LONGEST_LABEL => Err(StorageFault::LongLabel),
        Some(Value::String(text)) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Some(_) => Err(StorageFault::Label),
    }
}

/// The answer to a bucket that was made. The peer's field for the lists has another name here than in a listing.
pub fn created(bucket: &Bucket) -> String {
    json_text(
        Dialect::OceanNode,
        &json!({
            "bucketId": bucket.id, "owner": bucket.owner.to_checksum(None), "accessList": bucket.lists.to_value(),
            "label": bucket.label,
        }),
    )
}

/// The answer to a listing of buckets.
pub fn buckets(buckets: &[Bucket]) -> String {
    let buckets = buckets.iter().map(|bucket| {
        json!({
            "bucketId": bucket.id, "owner": bucket.owner.to_checksum(None), "createdAt": bucket.created_at,
            "accessLists": bucket.lists.to_value(), "label": bucket.label,
        })
    });
    json_text(Dialect::OceanNode, &buckets.collect())
}

/// The answer to a bucket that was renamed.
pub fn renamed(bucket: &str, label: Option<&str>) -> String {
    json_text(Dialect::OceanNode, &json!({"bucketId": bucket, "label": label}))
}

/// The answer to a listing of files.
pub fn files(bucket: &str, files: &[StoredFile]) -> String {
    json_text(Dialect::OceanNode, &files.iter().map(|file| entry(bucket, file)).collect())
}

/// The answer to a file that was stored.
pub fn stored(bucket: &str, file: &StoredFile) -> String {
    json_text(Dialect::OceanNode, &entry(bucket, file))
}

fn entry(bucket: &str, file: &StoredFile) -> Value {
    json!({"bucketId": bucket, "name": file.name, "size": file.size, "lastModified": file.last_modified})
}

/// The answer to a file that was removed.
pub fn removed() -> String {
    json_text(Dialect::OceanNode, &json!({"success": true}))
}

/// The file object that names a file of a bucket, for compute jobs.
pub fn file_object(bucket: &str, file: &str) -> String {
    json_text(Dialect::OceanNode, &json!({"type": "nodePersistentStorage", "bucketId": bucket, "fileName": file}))
}
