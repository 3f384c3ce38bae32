use ocean_primitives::{Address, Dialect};

use crate::{ComputeOptions, TrustedAlgorithm, TrustedAlgorithms};

/// What wants to run on a dataset.
#[derive(Debug, Clone, Copy)]
pub enum Candidate<'a> {
    /// A published asset of type algorithm.
    Published(&'a PublishedAlgorithm),
    /// Code that comes with the request.
    Raw,
}

/// What is known of a published algorithm, from its document, its files and the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PublishedAlgorithm {
    /// Its DID.
    pub did: String,
    /// The service it is used through.
    pub service_id: String,
    /// Its data NFT: what ocean-node compares publishers with.
    pub nft_address: Address,
    /// The owner of its data NFT: what the Python Provider compares publishers with.
    pub owner: Option<Address>,
    /// See [`algorithm::files_checksum`](crate::algorithm::files_checksum); empty when the files could not be read.
    pub files_checksum: String,
    /// See [`algorithm::container_section_checksum`](crate::algorithm::container_section_checksum).
    pub container_section_checksum: String,
}

impl PublishedAlgorithm {
    /// An algorithm by its identity; owner and checksums are set afterwards.
    pub fn new(did: impl Into<String>, service_id: impl Into<String>, nft_address: Address) -> Self {
        Self {
            did: did.into(),
            service_id: service_id.into(),
            nft_address,
            owner: None,
            files_checksum: String::new(),
            container_section_checksum: String::new(),
        }
    }
}

/// Why an algorithm may not run on a dataset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustRefusal {
    /// The service has no compute options.
    #[error("the service offers no compute")]
    NoCompute,
    /// The service takes published algorithms only.
    #[error("the dataset takes published algorithms only, and this is code that comes with the request")]
    RawNotAllowed,
    /// ocean-node: there is no list of trusted algorithms or publishers, which means none.
    #[error("the dataset trusts no algorithm and no publisher")]
    NothingTrusted,
    /// No list of publishers names this one.
    #[error("the dataset does not trust the publisher of {did}")]
    Publisher {
        /// The algorithm.
        did: String,
    },
    /// No entry names the algorithm.
    #[error("the dataset does not trust the algorithm {did}")]
    Algorithm {
        /// The algorithm.
        did: String,
    },
    /// The Python Provider: an entry is not an object with a DID.
    #[error("the dataset's list of trusted algorithms has an entry without a DID")]
    Malformed,
    /// The algorithm's files are others than those that are trusted.
    #[error(
        "the files of {did} are not those that the dataset trusts: their checksum is {found}, trusted is {trusted}"
    )]
    FilesChecksum {
        /// The algorithm.
        did: String,
        /// Of its files.
        found: String,
        /// In the dataset's document.
        trusted: String,
    },
    /// The algorithm's entrypoint or image digest are others than those that are trusted.
    #[error(
        "the container of {did} is not the one that the dataset trusts: its checksum is {found}, trusted is {trusted}"
    )]
    ContainerChecksum {
        /// The algorithm.
        did: String,
        /// Of its container section.
        found: String,
        /// In the dataset's document.
        trusted: String,
    },
    /// The algorithm is trusted through another of its services.
    #[error("the dataset trusts {did} through its service {trusted} only")]
    Service {
        /// The algorithm.
        did: String,
        /// The service in the dataset's document.
        trusted: String,
    },
}

impl TrustRefusal {
    /// The word with which the Python Provider answers.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoCompute => "main_service_compute",
            Self::RawNotAllowed => "no_raw_algo_allowed",
            Self::NothingTrusted | Self::Algorithm { .. } | Self::Service { .. } => "not_trusted_algo",
            Self::Publisher { .. } => "not_trusted_algo_publisher",
            Self::Malformed => "no_publisherTrustedAlgorithms",
            Self::FilesChecksum { .. } => "algorithm_file_checksum_mismatch",
            Self::ContainerChecksum { .. } => "algorithm_container_checksum_mismatch",
        }
    }
}

/// Whether an algorithm may run on a dataset whose service has these compute options.
///
/// | | [`Dialect::Provider`] | [`Dialect::OceanNode`] |
/// |---|---|---|
/// | no list, or both empty | every published algorithm | none |
/// | both lists | publisher **and** algorithm must be trusted | one is enough |
/// | a publisher is | the owner of the algorithm's data NFT, as written | the algorithm's data NFT, in any case; `*` is all |
/// | an entry without a checksum | it is not compared | nothing matches it |
/// | checksums | that of the files in any case | as written; `*` is any |
/// | several entries for one DID | the last counts | each is tried |
/// | `serviceId` | not looked at | compared when the entry has one; `*` is any |
/// | `publisherTrustedAlgorithms: ["*"]` | refused, no entry has a DID | every published algorithm |
///
/// # Errors
/// The first reason for which it may not; [`TrustRefusal::code`] is the peer's word for it.
pub fn may_run(
    compute: Option<&ComputeOptions>,
    candidate: Candidate<'_>,
    dialect: Dialect,
) -> Result<(), TrustRefusal> {
    let compute = compute.ok_or(TrustRefusal::NoCompute)?;
    let algorithm = match candidate {
        // ocean-node asks for a list first even for raw code; the flag is what the publisher said about it.
        Candidate::Raw if compute.allow_raw_algorithm => return Ok(()),
        Candidate::Raw => return Err(TrustRefusal::RawNotAllowed),
        Candidate::Published(algorithm) => algorithm,
    };
    match dialect {
        Dialect::OceanNode => ocean_node(compute, algorithm),
        _ => provider(compute, algorithm),
    }
}

fn provider(compute: &ComputeOptions, algorithm: &PublishedAlgorithm) -> Result<(), TrustRefusal> {
    let did = || algorithm.did.clone();
    let publishers = &compute.publisher_trusted_algorithm_publishers;
    if !publishers.is_empty() {
        let owner = algorithm.owner.map(|owner| owner.to_checksum(None));
        if !owner.is_some_and(|owner| publishers.contains(&owner)) {
            return Err(TrustRefusal::Publisher { did: did() });
        }
    }
    let entries = match &compute.publisher_trusted_algorithms {
        TrustedAlgorithms::Any => return Err(TrustRefusal::Malformed),
        TrustedAlgorithms::List(entries) if entries.is_empty() => return Ok(()),
        TrustedAlgorithms::List(entries) => entries,
    };
    if entries.iter().any(|entry| entry.did.is_empty()) {
        return Err(TrustRefusal::Malformed);
    }
    let entry = entries
        .iter()
        .rev()
        .find(|entry| entry.did == algorithm.did)
        .ok_or_else(|| TrustRefusal::Algorithm { did: did() })?;
    if !entry.files_checksum.is_empty() && entry.files_checksum.to_lowercase() != algorithm.files_checksum {
        return Err(files_differ(algorithm, entry));
    }
    if !entry.container_section_checksum.is_empty()
        && entry.container_section_checksum != algorithm.container_section_checksum
    {
        return Err(container_differs(algorithm, entry));
    }
    Ok(())
}

fn ocean_node(compute: &ComputeOptions, algorithm: &PublishedAlgorithm) -> Result<(), TrustRefusal> {
    let publishers = &compute.publisher_trusted_algorithm_publishers;
    let nft = algorithm.nft_address.to_checksum(None);
    let by_publisher = publishers.iter().any(|entry| entry == "*" || entry.eq_ignore_ascii_case(&nft));
    if by_publisher {
        return Ok(());
    }
    let did = || algorithm.did.clone();
    let entries = match &compute.publisher_trusted_algorithms {
        TrustedAlgorithms::Any => return Ok(()),
        TrustedAlgorithms::List(entries) => entries,
    };
    if entries.is_empty() {
        return Err(if publishers.is_empty() {
            TrustRefusal::NothingTrusted
        } else {
            TrustRefusal::Publisher { did: did() }
        });
    }
    // The entry that comes nearest gives the reason.
    let mut reason = TrustRefusal::Algorithm { did: did() };
    for entry in entries.iter().filter(|entry| matches(&entry.did, &algorithm.did)) {
        if !matches(&entry.files_checksum, &algorithm.files_checksum) {
            reason = files_differ(algorithm, entry);
        } else if !matches(&entry.container_section_checksum, &algorithm.container_section_checksum) {
            reason = container_differs(algorithm, entry);
        } else if let Some(trusted) = entry.service_id.as_deref().filter(|id| !matches(id, &algorithm.service_id)) {
            reason = TrustRefusal::Service { did: did(), trusted: trusted.to_owned() };
        } else {
            return Ok(());
        }
    }
    Err(reason)
}

/// Two empty texts do not match: nothing is known of either.
fn matches(trusted: &str, found: &str) -> bool {
    trusted == "*" || (!trusted.is_empty() && trusted == found)
}

fn files_differ(algorithm: &PublishedAlgorithm, entry: &TrustedAlgorithm) -> TrustRefusal {
    TrustRefusal::FilesChecksum {
        did: algorithm.did.clone(),
        found: algorithm.files_checksum.clone(),
        trusted: entry.files_checksum.clone(),
    }
}

fn container_differs(algorithm: &PublishedAlgorithm, entry: &TrustedAlgorithm) -> TrustRefusal {
    TrustRefusal::ContainerChecksum {
        did: algorithm.did.clone(),
        found: algorithm.container_section_checksum.clone(),
        trusted: entry.container_section_checksum.clone(),
    }
}
