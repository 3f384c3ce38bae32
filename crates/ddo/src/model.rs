pub(crate) mod builder;
pub(crate) mod compute;
pub(crate) mod credentials;
pub(crate) mod document;
pub(crate) mod files;
pub(crate) mod lenient;
pub(crate) mod metadata;
pub(crate) mod service;
