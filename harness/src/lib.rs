#![doc = include_str!("../README.md")]

mod accounts;
mod anvil;
mod bench_start;
mod branin;
pub mod deploy;
mod error;
mod file_server;
mod forger;
mod home;
mod local_chain;
mod process;
mod progress;
mod snapshot;
mod tools;

pub use crate::{
    accounts::{Account, ETHER_PER_ACCOUNT, MNEMONIC, PROVIDER_ACCOUNT, accounts},
    anvil::{Anvil, AnvilBuilder},
    bench_start::{BenchStart, StartTimes, bench_start},
    branin::{BraninGrid, write_branin_csv},
    error::{Error, Result},
    file_server::{Fault, FileServer, RequestRecord},
    forger::EventForger,
    home::OceanHome,
    local_chain::{LocalChain, LocalChainBuilder, SnapshotId},
    process::{ChildProcess, ChildSpec},
    progress::Progress,
    tools::{Pins, Tools, ensure_tools},
};
