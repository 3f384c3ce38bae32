//! Who must not get the data, or must not get it twice, does not: against the Provider on a real chain.

mod assets;
pub(crate) mod decrypt;
mod orders;
mod places;
mod requests;
pub(crate) mod world;
