//! What a document allows, as pure functions: no chain is read and no clock.
//!
//! | question | function |
//! |---|---|
//! | may this address use this service? | [`may_access`] |
//! | may this algorithm run on this dataset? | [`may_run`] |
//! | are these consumer parameters valid, and what is the complete set? | [`complete_parameters`] |
//!
//! Where the two families of peers answer differently, the [`Dialect`](ocean_primitives::Dialect) chooses.

mod access;
mod parameters;
mod trust;

pub use crate::rules::{
    access::{AccessRefusal, Level, may_access},
    parameters::{ParameterProblem, ParameterReason, choices, complete_parameters},
    trust::{Candidate, PublishedAlgorithm, TrustRefusal, may_run},
};
