//! nginx before the same origin: Debian's configuration, and `proxy_pass`.

use std::{
    fs,
    io::ErrorKind,
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use eyre::{Result, WrapErr as _, ensure};
use ocean_testbed::{ChildProcess, ChildSpec};
use tempfile::TempDir;

use super::{http::Origin, process};

/// One that passes on as it reads, and one that may write to disk what its client does not take.
pub(super) struct Nginx {
    child: ChildProcess,
    pub(super) version: String,
    pub(super) address: SocketAddr,
    _folder: TempDir,
}

/// Debian keeps it where only root's path leads.
fn program() -> Option<(&'static str, String)> {
    ["nginx", "/usr/sbin/nginx"].into_iter().find_map(|program| {
        let output = Command::new(program).arg("-v").stdout(Stdio::null()).output().ok()?;
        Some((program, String::from_utf8_lossy(&output.stderr).trim().replace("nginx version: ", "")))
    })
}

impl Nginx {
    /// Starts it with `proxy_buffering` on, as it is by default, or off; nothing when it is not installed.
    pub(super) async fn start(origin: &Origin, buffering: bool) -> Result<Option<Self>> {
        let Some((program, version)) = program() else { return Ok(None) };
        let folder = tempfile::tempdir()?;
        let address = free_port()?;
        let buffering = if buffering { "on" } else { "off" };
        let (path, to) = (folder.path().display(), origin.address);
        // What Debian's nginx.conf says of a server, and one location.
        let text = format!(
            "worker_processes auto;\npid {path}/pid;\nerror_log {path}/error.log;\ndaemon off;\n\
             events {{ worker_connections 768; }}\n\
             http {{\n  sendfile on;\n  tcp_nopush on;\n  default_type application/octet-stream;\n  access_log {path}/access.log;\n\
             \x20 client_body_temp_path {path}/body;\n  proxy_temp_path {path}/proxy;\n  fastcgi_temp_path {path}/fastcgi;\n\
             \x20 uwsgi_temp_path {path}/uwsgi;\n  scgi_temp_path {path}/scgi;\n\
             \x20 server {{ listen {address}; location / {{ proxy_pass http://{to}; proxy_buffering {buffering}; }} }}\n}}\n"
        );
        let file = folder.path().join("nginx.conf");
        fs::write(&file, text)?;
        let child = spawn(program, folder.path(), &file).await?;
        wait(address)?;
        Ok(Some(Self { child, version, address, _folder: folder }))
    }

    /// CPU time of every process of it so far.
    pub(super) fn cpu(&self) -> Result<Duration> {
        let master = self.child.id();
        process::children(master)?.into_iter().chain([master]).map(process::cpu).sum()
    }
}

async fn spawn(program: &str, folder: &Path, file: &Path) -> Result<ChildProcess> {
    let mut command = Command::new(program);
    command.arg("-p").arg(folder).arg("-c").arg(file);
    // It says nothing when it is ready; the port is waited for afterwards. This line is the shell's.
    let mut shell = Command::new("sh");
    shell.arg("-c").arg("echo started; exec \"$@\"").arg("sh").arg(command.get_program()).args(command.get_args());
    let (child, ()) =
        ChildProcess::spawn(ChildSpec::new("nginx", shell), |line| (line == "started").then_some(())).await?;
    Ok(child)
}

/// nginx cannot be asked which port it took.
fn free_port() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0").wrap_err("cannot open a port")?.local_addr()?)
}

fn wait(address: SocketAddr) -> Result<()> {
    let begun = Instant::now();
    loop {
        match TcpStream::connect(address) {
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
            Err(error) => return Err(error).wrap_err("cannot connect to nginx"),
        }
        ensure!(begun.elapsed() < Duration::from_secs(10), "nginx does not listen on {address}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
