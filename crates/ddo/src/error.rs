use ocean_did::Did;

/// What can be wrong with a document, an edit or a files object.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is longer than the limit.
    #[error("{what} has {size} bytes, more than the {limit} allowed")]
    TooLarge {
        /// What was measured.
        what: &'static str,
        /// Its size in bytes.
        size: usize,
        /// The most bytes allowed.
        limit: usize,
    },
    /// The document has more values than [`limits::MAX_VALUES`](crate::limits::MAX_VALUES).
    #[error("the document has more than {limit} values")]
    TooManyValues {
        /// The most values allowed.
        limit: usize,
    },
    /// The document is nested deeper than [`limits::MAX_NESTING`](crate::limits::MAX_NESTING).
    #[error("the document is nested deeper than {limit} levels at byte {offset}")]
    TooDeep {
        /// The most levels allowed.
        limit: usize,
        /// Where the level begins that is one too many.
        offset: usize,
    },
    /// The bytes are not UTF-8.
    #[error("the document is not UTF-8 after byte {0}")]
    NotUtf8(usize),
    /// The text is not JSON.
    #[error("the document is not JSON at byte {offset}: {expected}")]
    Syntax {
        /// Where the text goes wrong.
        offset: usize,
        /// What was expected there.
        expected: &'static str,
    },
    /// The text is JSON, but no object.
    #[error("a document is a JSON object")]
    NotAnObject,
    /// A typed view could not be built from a document that is well-formed JSON.
    #[error("the document does not have the form of a DDO: {0}")]
    Form(#[source] serde_json::Error),
    /// The operation does not exist for this version of documents.
    #[error("{operation} is not supported for version `{version}`")]
    UnsupportedVersion {
        /// What was asked for.
        operation: &'static str,
        /// The version the document names; empty when it names none.
        version: String,
    },
    /// A JSON pointer is malformed, or leads to nothing.
    #[error("the JSON pointer `{pointer}` leads to nothing: {reason}")]
    Pointer {
        /// The pointer as given.
        pointer: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// What an indexer added to a document has another form than the indexer gives it.
    #[error("`{pointer}` is not {expected}")]
    Indexed {
        /// JSON pointer to the member.
        pointer: String,
        /// What was expected there.
        expected: &'static str,
    },
    /// A document lacks what its conversion to another version needs.
    #[error("the document cannot be converted: `{pointer}` {reason}")]
    Convert {
        /// JSON pointer to what is absent or malformed.
        pointer: String,
        /// What it must be.
        reason: &'static str,
    },
    /// A signed, remote or encrypted form of a document is malformed.
    #[error("malformed {form}: {reason}")]
    Envelope {
        /// Which form.
        form: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Two services of a document have the same id.
    #[error("two services have the id `{0}`")]
    DuplicateService(String),
    /// A document that was built breaks rules of its version.
    #[error("the document {id} is invalid: {}", .violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid {
        /// The document's identifier.
        id: Did,
        /// Every rule it breaks.
        violations: Vec<crate::validate::Violation>,
    },
    /// A files object is malformed. The content is not repeated: it holds what must stay secret.
    #[error("malformed file object: {0}")]
    Files(&'static str),
    /// A files object belongs to another asset.
    #[error("the files object belongs to another data NFT or datatoken")]
    ForeignFiles,
    /// The number is no state of an asset.
    #[error("{0} is not a state of an asset: states are 0 to 5")]
    State(u8),
}

impl Error {
    /// Whether a limit of [`limits`](crate::limits) was passed, and not a rule of JSON or of documents.
    pub const fn is_limit(&self) -> bool {
        matches!(self, Self::TooLarge { .. } | Self::TooManyValues { .. } | Self::TooDeep { .. })
    }
}

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
