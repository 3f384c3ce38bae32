use std::{
    convert::Infallible,
    fmt, io,
    path::{Path, PathBuf},
    str::FromStr,
};

use crate::{
    NonceStore, TokenStore,
    nonces::NonceError,
    postgres::{Postgres, PostgresError},
    tokens::TokenError,
};

/// Everything that servers must remember of requests, in one place; cheap to clone.
///
/// Servers that share a place share it all: a nonce that one of them has accepted, none of them accepts again, and a token that one
/// has revoked is void at each.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Stores {
    /// The last nonce of each address.
    pub nonces: NonceStore,
    /// The revoked auth tokens.
    pub tokens: TokenStore,
}

/// The stores cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The folder cannot be made.
    #[error("cannot use the folder of the stores")]
    Folder(#[source] io::Error),
    /// The nonces do not open.
    #[error("the nonce store does not open")]
    Nonces(#[from] NonceError),
    /// The tokens do not open.
    #[error("the token store does not open")]
    Tokens(#[from] TokenError),
    /// PostgreSQL cannot be used.
    #[error("PostgreSQL cannot be used")]
    Postgres(#[from] PostgresError),
}

impl Stores {
    /// Stores that already exist.
    pub fn new(nonces: NonceStore, tokens: TokenStore) -> Self {
        Self { nonces, tokens }
    }

    /// SQLite files in a folder, which is made if it does not exist: for servers on one machine. Blocks shortly.
    ///
    /// # Errors
    /// The folder cannot be made, or a file cannot be opened.
    pub fn in_folder(folder: impl AsRef<Path>) -> Result<Self, StoreError> {
        let folder = folder.as_ref();
        std::fs::create_dir_all(folder).map_err(StoreError::Folder)?;
        let nonces = NonceStore::open(folder.join("nonces.sqlite"))?;
        Ok(Self { nonces, tokens: TokenStore::open(folder.join("tokens.sqlite"))? })
    }

    /// A PostgreSQL database: for replicas on several machines. The tables are made unless they are there.
    ///
    /// The connection is not encrypted: a URL that demands `sslmode=require` is refused.
    ///
    /// # Errors
    /// The URL cannot be read, or the database does not answer or refuses to make the tables.
    pub async fn in_postgres(url: &str) -> Result<Self, StoreError> {
        let database = Postgres::connect(url).await?;
        Ok(Self { nonces: NonceStore::postgres(database.clone()), tokens: TokenStore::postgres(database) })
    }

    /// Opens the stores of a place.
    ///
    /// # Errors
    /// As [`Stores::in_postgres`] and [`Stores::in_folder`].
    pub async fn at(place: &StorePlace) -> Result<Self, StoreError> {
        match place {
            StorePlace::Postgres(url) => Self::in_postgres(url).await,
            StorePlace::Folder(folder) => Self::in_folder(folder),
        }
    }
}

/// Where stores are, as a setting says it: a `postgres://` URL, or else a folder for SQLite files. Never shows the URL.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StorePlace {
    /// The URL of a PostgreSQL database.
    Postgres(String),
    /// A folder on this machine.
    Folder(PathBuf),
}

impl FromStr for StorePlace {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let is_url = text.starts_with("postgres://") || text.starts_with("postgresql://");
        Ok(if is_url { Self::Postgres(text.to_owned()) } else { Self::Folder(text.into()) })
    }
}

impl fmt::Debug for StorePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // It may hold a password.
            Self::Postgres(_) => f.write_str("Postgres(..)"),
            Self::Folder(folder) => f.debug_tuple("Folder").field(folder).finish(),
        }
    }
}
