use std::path::PathBuf;

/// What keeps a Provider from starting or running.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting that cannot be used; its value is not shown, as it may be a secret.
    #[error("{name}: {problem}")]
    Setting {
        /// The setting's name.
        name: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A file or directory that cannot be used.
    #[error("`{}` cannot be used", path.display())]
    Path {
        /// Which.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A chain that does not answer, or not as configured.
    #[error("chain at {name}: {problem}")]
    Chain {
        /// The setting it comes from.
        name: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// The stores of `STORAGE_URL` do not open; the place is not shown, as it may hold a password.
    #[error("the stores of STORAGE_URL do not open")]
    SharedStore(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A store that does not open.
    #[error("the store `{}` does not open", path.display())]
    Store {
        /// Where it is.
        path: PathBuf,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
