#![doc = include_str!("../README.md")]

pub mod algorithm;
mod convert;
mod error;
pub mod form;
pub mod indexed;
mod json;
pub mod limits;
mod model;
mod place;
mod raw;
pub mod rules;
pub mod schema;
pub mod serialise;
mod state;
pub mod v5;
pub mod validate;
mod version;

pub use crate::{
    convert::{Conversion, Loss, LossKind, convert},
    error::{Error, Result},
    model::{
        any::{AnyDdo, DeprecatedDdo},
        builder::DdoBuilder,
        compute::{ComputeOptions, ConsumerParameter, TrustedAlgorithm, TrustedAlgorithms},
        credentials::{Access, AccessList, Credential, Credentials, Denial, Match},
        document::Ddo,
        files::{AzureAccess, FileObject, FilesObject, GcsAccess, HttpMethod, S3Access},
        metadata::{AlgorithmMetadata, AssetType, Container, Metadata},
        service::{Service, ServiceType},
    },
    place::{Place, Places, line_column},
    raw::{DocumentHash, INDEXER_FIELDS, RawDdo},
    state::AssetState,
    version::Version,
};
