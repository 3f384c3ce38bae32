#![doc = include_str!("../README.md")]

mod accounts;
mod anvil;
mod branin;
mod conformance;
mod deploy;
pub mod differential;
mod error;
mod file_server;
mod forger;
mod home;
mod later;
mod local_chain;
mod lock;
pub mod main_job;
mod postgres;
mod process;
mod progress;
mod rpc;
mod snapshot;
mod start_times;
mod storage_servers;
mod testbed;
mod tools;

pub use crate::testbed::{Component, Network, NetworkAccount, Ports, Role, Testbed, TestbedBuilder};
pub use crate::{
    accounts::{Account, ETHER_PER_ACCOUNT, MNEMONIC, PROVIDER_ACCOUNT, accounts},
    anvil::{Anvil, AnvilBuilder},
    branin::{BraninGrid, write_branin_csv},
    conformance::Conformance,
    deploy::{Deployed, DeployedStep, Plan, Step},
    error::{Error, Result},
    file_server::{Fault, FileServer, RequestRecord},
    forger::{EventForger, ForgedFee},
    home::OceanHome,
    later::LaterRelease,
    local_chain::{LocalChain, LocalChainBuilder, SnapshotId},
    postgres::LocalPostgres,
    process::{ChildProcess, ChildSpec},
    progress::Progress,
    snapshot::snapshot_state_file,
    start_times::{Phase, StartTimes},
    storage_servers::StorageServers,
    tools::{Pins, Tools, ensure_tools, setup},
};
