#![doc = include_str!("../README.md")]

mod client;
mod download;
mod error;
mod http;
mod nonces;

pub use ocean_provider_api::{
    Discovery, PeerError,
    decrypt::{DecryptQuery, DecryptSource},
    file_info::FileEntry,
    initialize::{Initialized, InitializedFee},
};

pub use crate::{
    client::{FileInfoQuery, InitializeQuery, ProviderClient, ProviderClientBuilder},
    download::{Download, DownloadQuery, Downloaded},
    error::{Error, Result},
};
