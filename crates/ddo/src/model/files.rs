use std::{collections::BTreeMap, fmt};

use ocean_primitives::{Address, ChainId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::{
    Error, Result, Version, json,
    limits::{MAX_FILES, MAX_FILES_BYTES},
    model::lenient,
};

/// What is encrypted into a service's `files`: where the data is, and for which asset.
///
/// `Debug` shows no URL, header or key.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct FilesObject {
    /// The data NFT of the asset. Zero for the bare list of 4.0.0.
    pub nft_address: Address,
    /// The datatoken of the service. Zero for the bare list of 4.0.0.
    pub datatoken_address: Address,
    /// Where the data is, in the order of `fileIndex`.
    pub files: Vec<FileObject>,
    /// 4.0.0: the object names no asset.
    bare: bool,
}

impl FilesObject {
    /// The files of one service.
    pub const fn new(nft_address: Address, datatoken_address: Address, files: Vec<FileObject>) -> Self {
        Self { nft_address, datatoken_address, files, bare: false }
    }

    /// Reads the decrypted text. `version` is that of the document: 4.0.0, or none, has a bare list that names no asset.
    ///
    /// # Errors
    /// [`Error::Files`], which never repeats the content, or an error about limits.
    pub fn parse(bytes: &[u8], version: Option<&Version>) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Bound {
            nft_address: Address,
            datatoken_address: Address,
            files: Vec<FileObject>,
        }
        if bytes.len() > MAX_FILES_BYTES {
            return Err(Error::TooLarge { what: "the files object", size: bytes.len(), limit: MAX_FILES_BYTES });
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Error::Files("not UTF-8"))?;
        let node =
            json::parse(text).map_err(|error| if error.is_limit() { error } else { Error::Files("not JSON") })?;
        let value = node.to_value();
        let bare = matches!(version, None | Some(Version::V4_0_0));
        let object = if bare {
            let files = Vec::<FileObject>::deserialize(&value).map_err(|_| Error::Files("not a list of files"))?;
            Self { nft_address: Address::ZERO, datatoken_address: Address::ZERO, files, bare }
        } else {
            let Bound { nft_address, datatoken_address, files } = Bound::deserialize(&value)
                .map_err(|_| Error::Files("not an object with nftAddress, datatokenAddress and files"))?;
            Self::new(nft_address, datatoken_address, files)
        };
        if object.files.len() > MAX_FILES {
            return Err(Error::Files("more than 1024 files"));
        }
        Ok(object)
    }

    /// Whether these are the files of that service; the bare list of 4.0.0 names no asset and fits any.
    ///
    /// # Errors
    /// [`Error::ForeignFiles`].
    pub fn belongs_to(&self, nft: Address, datatoken: Address) -> Result<()> {
        if self.bare || (self.nft_address == nft && self.datatoken_address == datatoken) {
            Ok(())
        } else {
            Err(Error::ForeignFiles)
        }
    }

    /// The text to encrypt, in `JSON.stringify` form.
    pub fn to_json(&self) -> String {
        let files: Vec<Value> = self.files.iter().map(FileObject::to_value).collect();
        let value = if self.bare {
            Value::Array(files)
        } else {
            serde_json::json!({
                "datatokenAddress": self.datatoken_address.to_checksum(None),
                "nftAddress": self.nft_address.to_checksum(None),
                "files": files,
            })
        };
        crate::serialise::value(&value)
    }
}

impl fmt::Debug for FilesObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilesObject")
            .field("nft_address", &self.nft_address)
            .field("datatoken_address", &self.datatoken_address)
            .field("files", &self.files)
            .finish()
    }
}

/// Where one file is. `Debug` shows the type only.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum FileObject {
    /// An HTTP request.
    Url {
        /// Where to.
        url: String,
        /// `GET` when absent; peers accept any case.
        #[serde(default)]
        method: HttpMethod,
        /// Sent with the request.
        #[serde(default, deserialize_with = "headers", skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<String, String>,
    },
    /// A file on IPFS.
    Ipfs {
        /// Its CID.
        hash: String,
    },
    /// A file on Arweave.
    Arweave {
        /// The transaction that holds it.
        #[serde(alias = "transaction_id")]
        transaction_id: String,
    },
    /// The answer to a GraphQL query.
    Graphql {
        /// Where to.
        url: String,
        /// The query.
        query: String,
        /// Sent with the request.
        #[serde(default, deserialize_with = "headers", skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<String, String>,
    },
    /// The result of a view function.
    SmartContract {
        /// The contract.
        #[serde(serialize_with = "lenient::checksummed")]
        address: Address,
        /// Its chain.
        chain_id: ChainId,
        /// The ABI of the function.
        abi: Value,
    },
    /// An object in an S3 store; ocean-node only.
    S3 {
        /// Where it is and with which keys.
        #[serde(rename = "s3Access")]
        s3_access: S3Access,
    },
    /// A file on an FTP server; ocean-node only.
    Ftp {
        /// Where it is, with user and password if needed.
        url: String,
    },
    /// A blob in Azure Blob Storage; of this project, no peer reads it.
    Azure {
        /// Where it is and with which key.
        #[serde(rename = "azureAccess")]
        azure_access: AzureAccess,
    },
    /// An object in Google Cloud Storage; of this project, no peer reads it.
    Gcs {
        /// Where it is and with which key.
        #[serde(rename = "gcsAccess")]
        gcs_access: GcsAccess,
    },
}

impl FileObject {
    /// A file behind a GET request.
    pub fn url(url: impl Into<String>) -> Self {
        Self::Url { url: url.into(), method: HttpMethod::Get, headers: BTreeMap::new() }
    }

    /// The text in the member `type`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Url { .. } => "url",
            Self::Ipfs { .. } => "ipfs",
            Self::Arweave { .. } => "arweave",
            Self::Graphql { .. } => "graphql",
            Self::SmartContract { .. } => "smartcontract",
            Self::S3 { .. } => "s3",
            Self::Ftp { .. } => "ftp",
            Self::Azure { .. } => "azure",
            Self::Gcs { .. } => "gcs",
        }
    }

    fn to_value(&self) -> Value {
        // Maps with text keys only: turning them into a value cannot fail.
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl fmt::Debug for FileObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileObject({}, redacted)", self.kind())
    }
}

/// The method of a `url` file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HttpMethod {
    /// `GET`.
    #[default]
    Get,
    /// `POST`.
    Post,
}

impl HttpMethod {
    /// In capitals.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

impl Serialize for HttpMethod {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for HttpMethod {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
        match text.to_ascii_uppercase().as_str() {
            "" | "GET" => Ok(Self::Get),
            "POST" => Ok(Self::Post),
            _ => Err(serde::de::Error::custom("the method is neither get nor post")),
        }
    }
}

/// Where an object of an S3 store is and with which keys it is read. `Debug` shows no key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct S3Access {
    /// The store's URL.
    pub endpoint: String,
    /// Its region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The bucket.
    pub bucket: String,
    /// The object's key.
    pub object_key: String,
    /// The access key's id.
    pub access_key_id: String,
    /// The access key.
    pub secret_access_key: String,
    /// Whether the bucket stands in the path and not in the host name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub force_path_style: Option<bool>,
}

impl fmt::Debug for S3Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("S3Access(redacted)")
    }
}

/// Where a blob of Azure Blob Storage is and what lets it be read: a key or a SAS token, or neither where the container is public.
/// `Debug` shows no key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AzureAccess {
    /// The storage account.
    pub account: String,
    /// The container.
    pub container: String,
    /// The blob's name.
    pub blob: String,
    /// The account's key in Base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_key: Option<String>,
    /// A shared access signature, with or without its question mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sas_token: Option<String>,
    /// The service's URL; `https://<account>.blob.core.windows.net` if not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
}

impl fmt::Debug for AzureAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AzureAccess(redacted)")
    }
}

/// Where an object of Google Cloud Storage is and what lets it be read: a service account's key, or none where the object is public.
/// `Debug` shows no key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GcsAccess {
    /// The bucket.
    pub bucket: String,
    /// The object's name.
    pub object_key: String,
    /// The service account's key file, an object with `client_email` and `private_key` among others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_account: Option<Value>,
    /// The service's URL; `https://storage.googleapis.com` if not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
}

impl fmt::Debug for GcsAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GcsAccess(redacted)")
    }
}

/// An object of texts; null counts as none. A list is refused, as the Python Provider does.
fn headers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
