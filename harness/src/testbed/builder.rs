//! How a network is put together.

use std::{path::PathBuf, time::Duration};

use super::Testbed;
use crate::{Progress, Result};

/// Where a server of the network runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Component {
    /// On threads of this process.
    #[default]
    InProcess,
    /// As a child process of its own, which a test may kill. The program is looked for beside the running one.
    Child,
    /// Somewhere else: the network uses this server and does not start one.
    External(String),
}

/// The ports to listen on; 0 takes any free one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ports {
    /// Of the chain.
    pub chain: u16,
    /// Of the Provider.
    pub provider: u16,
    /// Of Aquarius.
    pub aquarius: u16,
    /// Of the node.
    pub node: u16,
}

impl Ports {
    /// Barge's ports, and the node's.
    pub const BARGE: Self = Self { chain: 8545, provider: 8030, aquarius: 5000, node: 8001 };
}

/// How to start a [`Testbed`].
#[derive(Debug, Clone, Default)]
pub struct TestbedBuilder {
    pub(super) ports: Ports,
    pub(super) provider: Component,
    pub(super) aquarius: Component,
    pub(super) node: Component,
    pub(super) block_time: Option<Duration>,
    pub(super) data_dir: Option<PathBuf>,
    pub(super) publish_addresses: bool,
    pub(super) deploy_anew: bool,
    pub(super) progress: Progress,
}

impl TestbedBuilder {
    /// Listens on these ports; any free ones unless set.
    #[must_use]
    pub fn ports(mut self, ports: Ports) -> Self {
        self.ports = ports;
        self
    }

    /// Where the Provider runs.
    #[must_use]
    pub fn provider(mut self, component: Component) -> Self {
        self.provider = component;
        self
    }

    /// Where Aquarius runs.
    #[must_use]
    pub fn aquarius(mut self, component: Component) -> Self {
        self.aquarius = component;
        self
    }

    /// Where the node runs.
    #[must_use]
    pub fn node(mut self, component: Component) -> Self {
        self.node = component;
        self
    }

    /// Makes a block at this interval instead of one per transaction.
    #[must_use]
    pub fn block_time(mut self, interval: Duration) -> Self {
        self.block_time = Some(interval);
        self
    }

    /// Keeps databases and logs in this folder; otherwise they go to a temporary one that is removed at the end.
    #[must_use]
    pub fn data_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.data_dir = Some(folder.into());
        self
    }

    /// Writes `address.json` and `ready` where Ocean's tools look for them (`OCEAN_HOME`, else `~/.ocean`),
    /// and removes `ready` at the end. Without it both go to the network's own folder.
    #[must_use]
    pub fn publish_addresses(mut self) -> Self {
        self.publish_addresses = true;
        self
    }

    /// Deploys every contract instead of loading the cached state.
    #[must_use]
    pub fn deploy_anew(mut self) -> Self {
        self.deploy_anew = true;
        self
    }

    /// Reports long steps, such as the first installation, here.
    #[must_use]
    pub fn progress(mut self, report: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.progress = Progress::new(report);
        self
    }

    /// Starts everything and returns when every server answers.
    ///
    /// # Errors
    /// When a tool is missing, a port is taken or a part does not become ready; the text says what to do.
    pub async fn start(self) -> Result<Testbed> {
        Testbed::start(self).await
    }
}
