use ocean_primitives::Dialect;

/// Names of ocean-node's commands, the last part of every text that its clients sign.
pub mod command {
    /// Encrypting a document or a files object.
    pub const ENCRYPT: &str = "encrypt";
    /// Encrypting a file that is sent along or fetched.
    pub const ENCRYPT_FILE: &str = "encryptFile";
    /// Decrypting a document.
    pub const DECRYPT_DDO: &str = "decryptDDO";
    /// Validating a document.
    pub const VALIDATE_DDO: &str = "validateDDO";
    /// Downloading an asset's file.
    pub const DOWNLOAD: &str = "download";
    /// Making an auth token.
    pub const CREATE_AUTH_TOKEN: &str = "createAuthToken";
    /// Ending an auth token; clients leave this name out of the text, see [`Message::InvalidateAuthToken`](super::Message).
    pub const INVALIDATE_AUTH_TOKEN: &str = "invalidateAuthToken";
    /// Starting a paid compute job.
    pub const START_COMPUTE: &str = "startCompute";
    /// Starting a free compute job.
    pub const FREE_START_COMPUTE: &str = "freeStartCompute";
    /// Stopping a compute job.
    pub const STOP_COMPUTE: &str = "stopCompute";
    /// Reading a result of a compute job.
    pub const GET_COMPUTE_RESULT: &str = "getComputeResult";
    /// Following the log of a compute job.
    pub const GET_COMPUTE_STREAMABLE_LOGS: &str = "getComputeStreamableLogs";
    /// Reading the node's own log.
    pub const GET_LOGS: &str = "getLogs";
    /// Making a bucket of the node's own storage.
    pub const PERSISTENT_STORAGE_CREATE_BUCKET: &str = "persistentStorageCreateBucket";
    /// Listing somebody's buckets.
    pub const PERSISTENT_STORAGE_GET_BUCKETS: &str = "persistentStorageGetBuckets";
    /// Renaming a bucket.
    pub const PERSISTENT_STORAGE_UPDATE_BUCKET: &str = "persistentStorageUpdateBucket";
    /// Listing the files of a bucket.
    pub const PERSISTENT_STORAGE_LIST_FILES: &str = "persistentStorageListFiles";
    /// Storing a file in a bucket.
    pub const PERSISTENT_STORAGE_UPLOAD_FILE: &str = "persistentStorageUploadFile";
    /// Naming a file of a bucket.
    pub const PERSISTENT_STORAGE_GET_FILE_OBJECT: &str = "persistentStorageGetFileObject";
    /// Removing a file from a bucket.
    pub const PERSISTENT_STORAGE_DELETE_FILE: &str = "persistentStorageDeleteFile";
}

/// What a client signs to make a request; the only place that builds such a text.
///
/// Every field is the text **exactly as it is sent**: neither the case of an address nor the spelling of a nonce may
/// change between the signed text and the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message<'a> {
    /// Download a file of an ordered asset.
    Download {
        /// Who ordered; part of ocean-node's text only.
        consumer: &'a str,
        /// The DID.
        document_id: &'a str,
        /// The nonce.
        nonce: &'a str,
    },
    /// Decrypt a document. Who asks by transaction sends the transaction, everybody else the data NFT.
    Decrypt {
        /// The transaction that published the document, if one was given; the empty text counts as absent.
        transaction_id: Option<&'a str>,
        /// The data NFT.
        data_nft: &'a str,
        /// Who asks.
        decrypter: &'a str,
        /// The chain as sent; an absent one enters the Provider's text as `None`.
        chain_id: Option<&'a str>,
        /// The nonce.
        nonce: &'a str,
    },
    /// Make an auth token. Neither its lifetime nor the route is part of the Provider's text.
    CreateAuthToken {
        /// Who gets the token.
        address: &'a str,
        /// The nonce.
        nonce: &'a str,
    },
    /// End an auth token. This is the one request to ocean-node whose signed text names no command.
    InvalidateAuthToken {
        /// Whose token it is.
        address: &'a str,
        /// The nonce.
        nonce: &'a str,
    },
    /// Start a compute job.
    ComputeStart {
        /// Who pays.
        consumer: &'a str,
        /// Normally empty.
        job_id: &'a str,
        /// The DID of the first dataset.
        document_id: &'a str,
        /// The nonce.
        nonce: &'a str,
    },
    /// Stop or delete a compute job, or (although it is not checked) ask for its status. Absent ids are empty.
    ComputeStop {
        /// Who started it.
        consumer: &'a str,
        /// The job.
        job_id: &'a str,
        /// The DID of its first dataset.
        document_id: &'a str,
        /// The nonce.
        nonce: &'a str,
    },
    /// Read a result of a compute job.
    ComputeResult {
        /// Who started it.
        consumer: &'a str,
        /// The job.
        job_id: &'a str,
        /// Which result, in decimal.
        index: &'a str,
        /// The nonce.
        nonce: &'a str,
    },
    /// What a Provider signs towards an operator-service.
    Operator {
        /// Who started the job.
        owner: &'a str,
        /// The job, once there is one.
        job_id: Option<&'a str>,
        /// The Provider's own nonce: nanoseconds of unix time.
        nonce: &'a str,
    },
    /// Any other command of ocean-node, the same text in both dialects.
    Command {
        /// Who asks.
        consumer: &'a str,
        /// The nonce.
        nonce: &'a str,
        /// A name of [`command`], or another one.
        command: &'a str,
    },
}

impl Message<'_> {
    /// The text whose keccak-256 hash is signed.
    pub fn text(&self, dialect: Dialect) -> String {
        match dialect {
            Dialect::OceanNode => self.node_text(),
            _ => self.provider_text(),
        }
    }

    fn provider_text(&self) -> String {
        match *self {
            Self::Download { document_id, nonce, .. } => [document_id, nonce].concat(),
            Self::Decrypt { transaction_id, data_nft, decrypter, chain_id, nonce } => {
                let subject = transaction_id.filter(|id| !id.is_empty()).unwrap_or(data_nft);
                [subject, decrypter, chain_id.unwrap_or("None"), nonce].concat()
            }
            Self::CreateAuthToken { address, nonce } | Self::InvalidateAuthToken { address, nonce } => {
                [address, nonce].concat()
            }
            Self::ComputeStart { consumer, job_id, document_id, nonce }
            | Self::ComputeStop { consumer, job_id, document_id, nonce } => {
                [consumer, job_id, document_id, nonce].concat()
            }
            Self::ComputeResult { consumer, job_id, index, nonce } => [consumer, job_id, index, nonce].concat(),
            Self::Operator { owner, job_id, nonce } => [owner, job_id.unwrap_or(""), nonce].concat(),
            Self::Command { consumer, nonce, command } => [consumer, nonce, command].concat(),
        }
    }

    fn node_text(&self) -> String {
        let (consumer, nonce, command) = match *self {
            Self::Download { consumer, nonce, .. } => (consumer, nonce, command::DOWNLOAD),
            Self::Decrypt { decrypter, nonce, .. } => (decrypter, nonce, command::DECRYPT_DDO),
            Self::CreateAuthToken { address, nonce } => (address, nonce, command::CREATE_AUTH_TOKEN),
            Self::InvalidateAuthToken { address, nonce } => (address, nonce, ""),
            Self::ComputeStart { consumer, nonce, .. } => (consumer, nonce, command::START_COMPUTE),
            Self::ComputeStop { consumer, nonce, .. } => (consumer, nonce, command::STOP_COMPUTE),
            Self::ComputeResult { consumer, nonce, .. } => (consumer, nonce, command::GET_COMPUTE_RESULT),
            Self::Operator { .. } => return self.provider_text(),
            Self::Command { consumer, nonce, command } => (consumer, nonce, command),
        };
        [consumer, nonce, command].concat()
    }
}
