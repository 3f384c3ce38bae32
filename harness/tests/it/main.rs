//! The harness against real processes: Anvil, npm's compiler, and copies of this test program.

mod abi;
mod anvil;
mod deploy;
mod file_server;
mod files;
mod processes;
mod support;
