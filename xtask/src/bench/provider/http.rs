//! Both ends of a download, as cheap as they can be, so that what lies between them decides.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

use eyre::{OptionExt as _, Result, WrapErr as _, ensure};

/// How long a single read or write may take.
const DEADLINE: Duration = Duration::from_secs(60);
/// What is written and read at once.
const PIECE: usize = 256 * 1024;

/// Serves `/<size>`: that many bytes, each connection on a thread of its own. It ends with the process.
pub(super) struct Origin {
    pub(super) address: SocketAddr,
}

impl Origin {
    pub(super) fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").wrap_err("cannot open a port")?;
        let address = listener.local_addr()?;
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || {
                    // A reader that leaves early is none of the origin's business.
                    serve(stream).ok();
                });
            }
        });
        Ok(Self { address })
    }

    pub(super) fn url(&self, size: u64) -> String {
        format!("http://{}/{size}", self.address)
    }
}

fn serve(mut stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    let piece = vec![b'o'; PIECE];
    loop {
        let (head, _) = read_head(&mut stream)?;
        let mut words = head.split(' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let size: u64 = path.trim_start_matches('/').parse().wrap_err("no size")?;
        write!(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: {size}\r\netag: \"{size}\"\r\naccept-ranges: none\r\n\r\n"
        )?;
        let mut left = if method == "HEAD" { 0 } else { size };
        while left > 0 {
            let now = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
            stream.write_all(&piece[..now])?;
            left -= now as u64;
        }
        // nginx speaks HTTP/1.0 to what it stands before, and waits for the end of the connection.
        if head.contains(" HTTP/1.0") {
            return Ok(());
        }
    }
}

/// A download that was answered; its body is still to be read.
pub(super) struct Running {
    stream: TcpStream,
    left: u64,
}

impl Running {
    /// Asks for `target`, the path with the query, and reads the head of the answer.
    pub(super) fn start(address: SocketAddr, target: &str) -> Result<Self> {
        let mut stream = TcpStream::connect(address).wrap_err("cannot connect")?;
        stream.set_read_timeout(Some(DEADLINE))?;
        write!(stream, "GET {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
        let (head, rest) = read_head(&mut stream)?;
        ensure!(head.starts_with("HTTP/1.1 200 "), "{head}{}", String::from_utf8_lossy(&rest));
        let length =
            head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        let length: u64 = length.ok_or_eyre("the download has no length")?;
        Ok(Self { stream, left: length - rest.len() as u64 })
    }

    /// Reads `bytes` of what is left.
    pub(super) fn read(&mut self, bytes: u64) -> Result<()> {
        let mut piece = vec![0; PIECE];
        let mut wanted = bytes.min(self.left);
        while wanted > 0 {
            let now = usize::try_from(wanted).unwrap_or(PIECE).min(PIECE);
            match self.stream.read(&mut piece[..now]) {
                Ok(0) => eyre::bail!("the download ends {} bytes early", self.left),
                Ok(read) => {
                    wanted -= read as u64;
                    self.left -= read as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error).wrap_err("the download broke"),
            }
        }
        Ok(())
    }

    /// Reads the rest.
    pub(super) fn finish(mut self) -> Result<()> {
        self.read(u64::MAX)
    }
}

/// The head as text, and what came after it.
fn read_head(stream: &mut TcpStream) -> Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let rest = bytes.split_off(end + 4);
            return Ok((String::from_utf8_lossy(&bytes).into_owned(), rest));
        }
        let read = stream.read(&mut piece)?;
        ensure!(read > 0, "the connection ends before the head does");
        bytes.extend_from_slice(&piece[..read]);
    }
}
