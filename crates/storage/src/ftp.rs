//! Files on FTP servers (RFC 959, 2428, 3659).
//!
//! The data connection goes to the address of the control connection, whatever address the server names: what was checked is
//! what is connected to.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use bytes::BytesMut;
use futures_util::{StreamExt, stream, stream::BoxStream};
use percent_encoding::percent_decode_str;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};
use url::{Host, Url};

use crate::{
    error::{Error, Phase, Result},
    guard::Guard,
    name,
    span::Span,
    storage::OpenFile,
    timeouts::Timeouts,
};

/// The longest line of a reply, and the most lines of one.
const MAX_LINE: u64 = 4096;
const MAX_LINES: usize = 200;

/// The longest URL.
const MAX_URL: usize = 8 * 1024;

/// What is read at once.
const PIECE: usize = 64 * 1024;

/// Where a file is, and who asks for it.
#[derive(Clone)]
pub(crate) struct FtpFile {
    host: Host<String>,
    port: u16,
    user: String,
    password: String,
    path: String,
}

impl FtpFile {
    /// `ftp://[user[:password]@]host[:port]/path`; without a user as `ocean-node` does.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        if text.len() > MAX_URL {
            return Err(Error::InvalidUrl("too long"));
        }
        let url = Url::parse(text.trim()).map_err(|_| Error::InvalidUrl("malformed"))?;
        match url.scheme() {
            "ftp" => {}
            "ftps" => return Err(Error::Unsupported("ftps")),
            _ => return Err(Error::InvalidUrl("the scheme is not ftp")),
        }
        let host = url.host().map(|host| host.to_owned()).ok_or(Error::InvalidUrl("there is no host"))?;
        let decoded = |text: &str| {
            let text = percent_decode_str(text).decode_utf8().map_err(|_| Error::InvalidUrl("not UTF-8"))?;
            // A line break would begin another command.
            if text.chars().any(char::is_control) {
                Err(Error::InvalidUrl("control characters"))
            } else {
                Ok(text.into_owned())
            }
        };
        let or = |text: &str, default: &str| if text.is_empty() { Ok(default.to_owned()) } else { decoded(text) };
        let path = decoded(url.path())?;
        if path.ends_with('/') {
            return Err(Error::InvalidFile("the path names no file"));
        }
        Ok(Self {
            host,
            port: url.port().unwrap_or(21),
            user: or(url.username(), "anonymous")?,
            password: or(url.password().unwrap_or_default(), "anonymous@")?,
            path,
        })
    }

    /// What the file is called.
    pub(crate) fn name(&self) -> Option<String> {
        name::sanitised(&self.path)
    }

    pub(crate) async fn open(
        &self,
        guard: &Guard,
        timeouts: &Timeouts,
        range: Option<&str>,
        with_body: bool,
    ) -> Result<OpenFile> {
        let begun = timeout(timeouts.first_byte, self.begin(guard, timeouts, range, with_body)).await;
        begun.map_err(|_| Error::Deadline(Phase::FirstByte))?
    }

    async fn begin(
        &self,
        guard: &Guard,
        timeouts: &Timeouts,
        range: Option<&str>,
        with_body: bool,
    ) -> Result<OpenFile> {
        let mut control = self.connect(guard, timeouts).await?;
        self.log_in(&mut control).await?;
        control.ask("TYPE I", &[200]).await?;
        let size = self.size(&mut control).await?;
        let changed = control.command(&format!("MDTM {}", self.path)).await?;
        let changed = (changed.code == 213).then(|| changed.text.trim().to_owned());
        // A part of something whose size is unknown cannot be described.
        let span = size.map_or(Span::Whole, |size| Span::of(range, size));
        let body = match span {
            Span::Part { .. } | Span::Whole if with_body => {
                self.retrieve(control, timeouts, span.start(), size.map(|size| span.length(size)), size).await?
            }
            _ => stream::empty().boxed(),
        };
        let tag =
            size.zip(changed).filter(|(_, changed)| changed.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
        Ok(OpenFile {
            status: span.status(),
            content_length: size.map(|size| span.length(size)),
            content_type: Some("application/octet-stream".to_owned()),
            content_range: size.and_then(|size| span.content_range(size)),
            etag: tag.map(|(size, changed)| format!("\"{size:x}-{changed}\"")),
            accept_ranges: size.map(|_| "bytes".to_owned()),
            file_name: name::with_extension(self.name().unwrap_or_else(name::random), None),
            body,
        })
    }

    async fn connect(&self, guard: &Guard, timeouts: &Timeouts) -> Result<Control> {
        let connecting = async {
            let mut outcome = Error::Unresolved;
            for address in guard.addresses(&self.host).await? {
                match TcpStream::connect(SocketAddr::new(address, self.port)).await {
                    Ok(stream) => return Ok((stream, address)),
                    Err(_) => outcome = Error::Connect,
                }
            }
            Err(outcome)
        };
        let connected = timeout(timeouts.connect, connecting).await;
        let (stream, address) = connected.map_err(|_| Error::Deadline(Phase::Connect))??;
        Ok(Control { stream: BufReader::new(stream), address, connect: timeouts.connect })
    }

    async fn log_in(&self, control: &mut Control) -> Result<()> {
        let mut greeting = control.reply().await?;
        // 120: ready in some minutes.
        if greeting.code == 120 {
            greeting = control.reply().await?;
        }
        greeting.among(&[220])?;
        let asked = control.command(&format!("USER {}", self.user)).await?;
        if asked.code != 230 {
            asked.among(&[331])?;
            control.ask(&format!("PASS {}", self.password), &[230, 202]).await?;
        }
        Ok(())
    }

    /// The size, where the server tells sizes.
    async fn size(&self, control: &mut Control) -> Result<Option<u64>> {
        let reply = control.command(&format!("SIZE {}", self.path)).await?;
        match reply.code {
            213 => Ok(reply.text.trim().parse().ok()),
            550 => Err(Error::Ftp(550)),
            _ => Ok(None),
        }
    }

    async fn retrieve(
        &self,
        mut control: Control,
        timeouts: &Timeouts,
        start: u64,
        length: Option<u64>,
        size: Option<u64>,
    ) -> Result<BoxStream<'static, Result<bytes::Bytes>>> {
        let data = control.passive().await?;
        if start > 0 {
            control.ask(&format!("REST {start}"), &[350]).await?;
        }
        control.ask(&format!("RETR {}", self.path), &[125, 150]).await?;
        let to_the_end = size == length.map(|length| start.saturating_add(length));
        let body = Body { data, control, left: length, to_the_end, idle: timeouts.idle, buffer: BytesMut::new() };
        Ok(stream::try_unfold(body, Body::next).boxed())
    }
}

/// The connection on which commands go.
struct Control {
    stream: BufReader<TcpStream>,
    address: IpAddr,
    connect: Duration,
}

struct Reply {
    code: u16,
    text: String,
}

impl Reply {
    fn among(self, expected: &[u16]) -> Result<Self> {
        if expected.contains(&self.code) { Ok(self) } else { Err(Error::Ftp(self.code)) }
    }
}

const NOT_FTP: Error = Error::InvalidResponse("not FTP, or beyond its bounds");

impl Control {
    async fn ask(&mut self, command: &str, expected: &[u16]) -> Result<Reply> {
        self.command(command).await?.among(expected)
    }

    async fn command(&mut self, command: &str) -> Result<Reply> {
        let line = format!("{command}\r\n");
        self.stream.get_mut().write_all(line.as_bytes()).await.map_err(|_| Error::Truncated)?;
        self.reply().await
    }

    /// One reply: a line, or everything from `123-` to the line that begins with `123 `.
    async fn reply(&mut self) -> Result<Reply> {
        let first = self.line().await?;
        let code: u16 = first.get(..3).and_then(|code| code.parse().ok()).ok_or(NOT_FTP)?;
        if !(100..600).contains(&code) {
            return Err(NOT_FTP);
        }
        if first.as_bytes().get(3) == Some(&b'-') {
            let last = format!("{code} ");
            for _ in 0..MAX_LINES {
                if self.line().await?.starts_with(&last) {
                    return Ok(Reply { code, text: String::new() });
                }
            }
            return Err(NOT_FTP);
        }
        Ok(Reply { code, text: first.get(4..).unwrap_or_default().to_owned() })
    }

    async fn line(&mut self) -> Result<String> {
        let mut line = Vec::new();
        let read = (&mut self.stream).take(MAX_LINE).read_until(b'\n', &mut line).await;
        match read {
            Ok(_) if line.ends_with(b"\n") => Ok(String::from_utf8_lossy(&line).trim_end().to_owned()),
            Ok(read) if read as u64 == MAX_LINE => Err(NOT_FTP),
            _ => Err(Error::Truncated),
        }
    }

    /// Opens a data connection to the server that is talked to; only its port is taken from what it says.
    async fn passive(&mut self) -> Result<TcpStream> {
        let extended = self.command("EPSV").await?;
        let port = if extended.code == 229 {
            extended_port(&extended.text)
        } else {
            passive_port(&self.ask("PASV", &[227]).await?.text)
        };
        let port = port.ok_or(NOT_FTP)?;
        match timeout(self.connect, TcpStream::connect(SocketAddr::new(self.address, port))).await {
            Ok(Ok(data)) => Ok(data),
            Ok(Err(_)) => Err(Error::Connect),
            Err(_) => Err(Error::Deadline(Phase::Connect)),
        }
    }
}

/// `Entering Extended Passive Mode (|||6446|)`
fn extended_port(text: &str) -> Option<u16> {
    let (_, rest) = text.split_once('(')?;
    let delimiter = rest.chars().next()?;
    rest.split(delimiter).nth(3)?.parse().ok().filter(|port| *port > 0)
}

/// `Entering Passive Mode (h1,h2,h3,h4,p1,p2)`
fn passive_port(text: &str) -> Option<u16> {
    let from = text.find(|character: char| character.is_ascii_digit())?;
    let mut numbers = text.get(from..)?.split(|character: char| !character.is_ascii_digit()).skip(4);
    let (high, low): (u8, u8) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    Some(u16::from_be_bytes([high, low])).filter(|port| *port > 0)
}

/// A file on its way.
struct Body {
    data: TcpStream,
    control: Control,
    /// What is still wanted, where it is known.
    left: Option<u64>,
    /// Whether the file ends where what is wanted does.
    to_the_end: bool,
    idle: Duration,
    buffer: BytesMut,
}

impl Body {
    async fn next(mut self) -> Result<Option<(bytes::Bytes, Self)>> {
        let wanted = self.left.map_or(PIECE, |left| usize::try_from(left).unwrap_or(PIECE).min(PIECE));
        if wanted == 0 {
            return self.end().await.map(|()| None);
        }
        self.buffer.reserve(wanted);
        let read = timeout(self.idle, (&mut self.data).take(wanted as u64).read_buf(&mut self.buffer)).await;
        match read {
            Err(_) => Err(Error::Deadline(Phase::Idle)),
            Ok(Err(_)) => Err(Error::Truncated),
            Ok(Ok(0)) if self.left.is_some() => Err(Error::Truncated),
            Ok(Ok(0)) => self.end().await.map(|()| None),
            Ok(Ok(read)) => {
                self.left = self.left.map(|left| left.saturating_sub(read as u64));
                Ok(Some((self.buffer.split().freeze(), self)))
            }
        }
    }

    /// The server says whether that was all of the file.
    async fn end(&mut self) -> Result<()> {
        if !self.to_the_end {
            return Ok(());
        }
        match timeout(self.idle, self.control.reply()).await {
            Err(_) => Err(Error::Deadline(Phase::Idle)),
            Ok(Ok(reply)) if (200..300).contains(&reply.code) => Ok(()),
            Ok(_) => Err(Error::Truncated),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_found_in_every_spelling() {
        assert_eq!(extended_port("Entering Extended Passive Mode (|||6446|)"), Some(6446));
        assert_eq!(extended_port("ok (!!!1!)"), Some(1));
        for odd in ["", "(|||0|)", "(|||66000|)", "(||6446|)", "6446"] {
            assert_eq!(extended_port(odd), None, "{odd}");
        }
        assert_eq!(passive_port("Entering Passive Mode (127,0,0,1,4,1)"), Some(1025));
        assert_eq!(passive_port("Entering Passive Mode. 127,0,0,1,4,1"), Some(1025));
        for odd in ["", "(1,2,3,4)", "(1,2,3,4,256,1)", "(1,2,3,4,0,0)"] {
            assert_eq!(passive_port(odd), None, "{odd}");
        }
    }

    #[test]
    fn no_command_can_be_slipped_into_a_url() {
        for url in [
            "ftp://x/a%0d%0aDELE%20b",
            "ftp://u%0a@x/a",
            "ftp://u:p%0d@x/a",
            "ftp://x/a%00",
            "ftp://x/",
            "ftp://x",
            "http://x/a",
        ] {
            assert!(FtpFile::parse(url).is_err(), "{url}");
        }
        let file = FtpFile::parse("ftp://me:pass%20word@h:2121/a%20dir/b.csv").ok().unwrap();
        assert_eq!((file.user.as_str(), file.password.as_str(), file.port), ("me", "pass word", 2121));
        assert_eq!((file.path.as_str(), file.name().as_deref()), ("/a dir/b.csv", Some("b.csv")));
        let anonymous = FtpFile::parse("ftp://h/b").ok().unwrap();
        assert_eq!(
            (anonymous.user.as_str(), anonymous.password.as_str(), anonymous.port),
            ("anonymous", "anonymous@", 21)
        );
    }
}
