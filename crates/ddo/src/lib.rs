#![doc = include_str!("../README.md")]

pub mod algorithm;
mod error;
pub mod indexed;
mod json;
pub mod limits;
mod model;
mod raw;
pub mod serialise;
mod state;
pub mod validate;
mod version;

pub use crate::{
    error::{Error, Result},
    model::{
        builder::DdoBuilder,
        compute::{ComputeOptions, ConsumerParameter, TrustedAlgorithm, TrustedAlgorithms},
        credentials::{Access, AccessList, Credential, Credentials, Denial, Match},
        document::Ddo,
        files::{FileObject, FilesObject, HttpMethod, S3Access},
        metadata::{AlgorithmMetadata, AssetType, Container, Metadata},
        service::{Service, ServiceType},
    },
    raw::{DocumentHash, INDEXER_FIELDS, RawDdo},
    state::AssetState,
    version::Version,
};
