//! A PostgreSQL server for tests: Debian's, in a folder of its own, reached over a socket in that folder.

use std::{
    env, fs,
    os::unix::fs::{MetadataExt as _, chown},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{ChildProcess, ChildSpec, Error, Result};

/// What the server prints once it accepts connections.
const READY: &str = "database system is ready to accept connections";

/// How long the processes of a killed server may take to see that it has gone.
const LEFTOVERS: Duration = Duration::from_secs(10);

/// The one user of the server, who may do everything.
const USER: &str = "ocean";

/// A PostgreSQL server with an empty database. Dropping it ends the server and removes its folder.
#[derive(Debug)]
pub struct LocalPostgres {
    // Dropped before the folder.
    server: Option<ChildProcess>,
    programs: PathBuf,
    account: Option<Account>,
    folder: TempDir,
}

/// Whom the server runs as: PostgreSQL refuses to be run by root.
#[derive(Debug, Clone, Copy)]
struct Account {
    user: u32,
    group: u32,
}

impl LocalPostgres {
    /// The folder of PostgreSQL's programs: of `POSTGRES_BIN_DIR`, of `PATH`, or the newest that Debian has installed.
    ///
    /// # Errors
    /// [`Error::ToolMissing`] with what to install.
    pub fn find() -> Result<PathBuf> {
        let named = env::var_os("POSTGRES_BIN_DIR").map(PathBuf::from);
        let path = env::var_os("PATH").unwrap_or_default();
        let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let mut debian: Vec<_> = debian.map(|version| version.path().join("bin")).collect();
        debian.sort();
        let mut folders = named.into_iter().chain(env::split_paths(&path)).chain(debian.into_iter().rev());
        folders.find(|folder| ["initdb", "postgres"].iter().all(|program| folder.join(program).is_file())).ok_or_else(
            || Error::ToolMissing {
                tool: "postgres".to_owned(),
                install: "install PostgreSQL, on Debian with `apt-get install postgresql`, or name the folder of its programs in POSTGRES_BIN_DIR".to_owned(),
            },
        )
    }

    /// Makes a database and starts a server for it.
    ///
    /// # Errors
    /// PostgreSQL is not installed, or does not start.
    pub async fn start() -> Result<Self> {
        let programs = Self::find()?;
        let folder = tempfile::Builder::new()
            .prefix("ocean-postgres-")
            .tempdir()
            .map_err(Error::io("creating a folder in", env::temp_dir()))?;
        let account = Account::needed(folder.path())?;
        if let Some(Account { user, group }) = account {
            chown(folder.path(), Some(user), Some(group)).map_err(Error::io("giving away", folder.path()))?;
        }
        let mut this = Self { server: None, programs, account, folder };
        let mut initdb = this.command("initdb");
        initdb.args(["--username", USER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"]);
        initdb.arg("--pgdata").arg(this.data()).stdin(Stdio::null());
        let made = tokio::task::spawn_blocking(move || initdb.output());
        let made =
            made.await.map_err(Error::component("running initdb"))?.map_err(Error::component("starting initdb"))?;
        if !made.status.success() {
            return Err(Error::component("making a PostgreSQL database")(
                String::from_utf8_lossy(&made.stderr).into_owned(),
            ));
        }
        this.restart().await?;
        Ok(this)
    }

    /// `postgres://…` of the database, for any client of this machine.
    pub fn url(&self) -> String {
        // Folders of temporary files need no escaping but for the slashes.
        format!("postgres://{USER}@{}/postgres", self.folder.path().display().to_string().replace('/', "%2F"))
    }

    /// Kills the server with SIGKILL, as a crash would.
    pub fn kill(&mut self) {
        if let Some(server) = &mut self.server {
            server.kill();
        }
    }

    /// Starts a killed server again, on the same database.
    ///
    /// # Errors
    /// The server does not start.
    pub async fn restart(&mut self) -> Result<()> {
        self.server = None;
        let begun = Instant::now();
        loop {
            let mut command = self.command("postgres");
            command.arg("-D").arg(self.data()).arg("-k").arg(self.folder.path());
            command.args(["-c", "listen_addresses=", "-c", "max_connections=60", "-c", "shared_buffers=16MB"]);
            // It does not end by itself as long as somebody is connected.
            let spec = ChildSpec::new("postgres", command).grace(Duration::from_millis(100));
            match ChildProcess::spawn(spec, |line| line.contains(READY).then_some(())).await {
                Ok((server, ())) => {
                    self.server = Some(server);
                    return Ok(());
                }
                // The processes of the killed one still hold the memory that they share.
                Err(_) if begun.elapsed() < LEFTOVERS => tokio::time::sleep(Duration::from_millis(50)).await,
                Err(error) => return Err(error),
            }
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        let mut command = match self.account {
            None => Command::new(program),
            Some(Account { user, group }) => {
                let mut command = Command::new("setpriv");
                command.args([format!("--reuid={user}"), format!("--regid={group}")]);
                // A change of user forgets with whom the process is to end.
                command.args(["--clear-groups", "--pdeathsig=KILL", "--"]).arg(program);
                command
            }
        };
        command.current_dir(self.folder.path());
        command
    }
}

impl Account {
    /// Another account, where this process is root: `postgres`, else `nobody`.
    fn needed(ours: &Path) -> Result<Option<Self>> {
        let owner = fs::metadata(ours).map_err(Error::io("reading", ours))?.uid();
        if owner != 0 {
            return Ok(None);
        }
        let users = fs::read_to_string("/etc/passwd").map_err(Error::io("reading", "/etc/passwd"))?;
        let found = ["postgres", "nobody"].iter().find_map(|name| {
            let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
            let mut fields = line.split(':').skip(2).map_while(|field| field.parse().ok());
            Some(Self { user: fields.next()?, group: fields.next()? })
        });
        let missing = || {
            Error::Usage("PostgreSQL refuses to be run by root, and there is no user `postgres` or `nobody`".to_owned())
        };
        found.map(Some).ok_or_else(missing)
    }
}
