//! The harness against real processes: Anvil, npm's compiler, and copies of this test program.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helper functions of tests, outside of #[test], too")]

mod abi;
mod access_list;
mod anvil;
mod aquarius_chain;
mod bindings;
mod commands;
mod compute;
mod conformance;
mod crash;
mod data_farming;
mod deploy;
mod differential;
mod enterprise;
mod escrow;
mod facade;
mod file_server;
mod files;
mod hostile_urls;
mod network;
mod node_dialect;
mod predictoor;
mod processes;
mod provider_attacks;
mod replay;
mod stores;
mod support;
mod tools;
mod upstreams;
