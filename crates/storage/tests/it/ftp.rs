//! FTP servers of every kind: good ones, old ones, and ones that mean harm.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use ocean_ddo::FileObject;
use ocean_storage::{Error, FileInfo, InfoOptions, Phase};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    time::sleep,
};

use crate::server::{local, patient, public, read_all, timeouts};

const TEXT: &str = "0123456789";

/// How a server departs from a good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Good,
    /// No `EPSV`, `SIZE` or `MDTM`.
    Old,
    /// Names this address in its reply to `PASV`, at which nothing may arrive.
    Bounce,
    /// Says nothing at all.
    Silent,
    /// Greets without end.
    Chatty,
    /// Sends one line without end.
    LongLine,
    /// Is no FTP server.
    Http,
    /// Refuses the login.
    Closed,
    /// Has no such file.
    Missing,
    /// Ends the data before the size it told.
    Short,
    /// Ends the data early, told no size, and says so.
    Aborted,
    /// Ends the data and leaves.
    Gone,
    /// Begins the data and pauses.
    Stalled,
}

/// Listens on 127.0.0.1 and on 127.0.0.3, where the bounce would go to.
struct Ftp {
    port: u16,
    bounced: Arc<AtomicUsize>,
}

impl Ftp {
    async fn start(way: Way) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let bounced = Arc::new(AtomicUsize::new(0));
        let count = bounced.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, way, count.clone()));
            }
        });
        Self { port, bounced }
    }

    fn file(&self, path: &str) -> FileObject {
        FileObject::Ftp { url: format!("ftp://me:s3cret@127.0.0.1:{}{path}", self.port) }
    }
}

async fn converse(stream: TcpStream, way: Way, bounced: Arc<AtomicUsize>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    match way {
        Way::Silent => sleep(Duration::from_secs(30)).await,
        Way::Chatty => while say(&mut stream, "220-welcome").await.is_some() {},
        Way::LongLine => while stream.get_mut().write_all(&[b'2'; 1024]).await.is_ok() {},
        Way::Http => {
            say(&mut stream, "HTTP/1.1 400 Bad Request").await;
        }
        _ => {
            say(&mut stream, "220-Welcome\r\n 220 is not the end\r\n220 ready").await;
        }
    }
    let (mut data, mut offset) = (None, 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let (command, argument) = line.trim_end().split_once(' ').unwrap_or((line.trim_end(), ""));
        let found = argument.ends_with("/data.csv") && way != Way::Missing;
        let reply = match command {
            "USER" => "331 password?".to_owned(),
            "PASS" if way == Way::Closed || argument != "s3cret" => "530 no".to_owned(),
            "PASS" => "230 in".to_owned(),
            "TYPE" => "200 binary".to_owned(),
            "SIZE" | "MDTM" | "EPSV" if matches!(way, Way::Old | Way::Aborted | Way::Gone) => "502 what?".to_owned(),
            "SIZE" if found => format!("213 {}", TEXT.len()),
            "MDTM" if found => "213 20240102030405".to_owned(),
            "EPSV" if way == Way::Bounce => "500 what?".to_owned(),
            "EPSV" | "PASV" => {
                let listener = TcpListener::bind("127.0.0.1:0").await.ok()?;
                let port = listener.local_addr().ok()?.port();
                let [high, low] = port.to_be_bytes();
                if way == Way::Bounce {
                    // Whoever believes the address arrives here.
                    let elsewhere = TcpListener::bind(("127.0.0.3", port)).await.ok()?;
                    let count = bounced.clone();
                    tokio::spawn(async move {
                        while elsewhere.accept().await.is_ok() {
                            count.fetch_add(1, Ordering::SeqCst);
                        }
                    });
                }
                data = Some(listener);
                match command {
                    "EPSV" => format!("229 Entering Extended Passive Mode (|||{port}|)"),
                    _ if way == Way::Bounce => format!("227 Entering Passive Mode (127,0,0,3,{high},{low})"),
                    _ => format!("227 Entering Passive Mode (127,0,0,1,{high},{low})"),
                }
            }
            "REST" => {
                offset = argument.parse().ok()?;
                "350 go on".to_owned()
            }
            "RETR" if found => {
                let (mut connection, _) = data.take()?.accept().await.ok()?;
                say(&mut stream, "150 here it is").await?;
                let sent = match way {
                    Way::Short | Way::Aborted | Way::Gone | Way::Stalled => "01234",
                    _ => &TEXT[offset..],
                };
                connection.write_all(sent.as_bytes()).await.ok()?;
                match way {
                    Way::Stalled => sleep(Duration::from_secs(30)).await,
                    Way::Gone => return None,
                    _ => drop(connection),
                }
                if way == Way::Aborted { "426 aborted".to_owned() } else { "226 done".to_owned() }
            }
            _ => "550 no such file".to_owned(),
        };
        say(&mut stream, &reply).await?;
    }
}

async fn say(stream: &mut BufReader<TcpStream>, text: &str) -> Option<()> {
    stream.get_mut().write_all(format!("{text}\r\n").as_bytes()).await.ok()
}

/// The file cannot be read, for that reason, in bounded time.
async fn check(way: Way, expected: Error) {
    let server = Ftp::start(way).await;
    let started = Instant::now();
    let outcome = match local().open(&server.file("/data.csv"), None, None).await {
        Ok(file) => read_all(file).await.map(drop),
        Err(error) => Err(error),
    };
    assert_eq!(outcome, Err(expected), "{way:?}");
    let limit = timeouts().first_byte + timeouts().idle + Duration::from_secs(1);
    assert!(started.elapsed() < limit, "{way:?} took {:?}", started.elapsed());
}

#[tokio::test]
async fn servers_that_mean_harm_end_in_a_clear_error() {
    check(Way::Silent, Error::Deadline(Phase::FirstByte)).await;
    let broken = || Error::InvalidResponse("not FTP, or beyond its bounds");
    check(Way::Chatty, broken()).await;
    check(Way::LongLine, broken()).await;
    check(Way::Http, broken()).await;
    check(Way::Closed, Error::Ftp(530)).await;
    check(Way::Missing, Error::Ftp(550)).await;
    check(Way::Short, Error::Truncated).await;
    check(Way::Aborted, Error::Truncated).await;
    check(Way::Gone, Error::Truncated).await;
    check(Way::Stalled, Error::Deadline(Phase::Idle)).await;
    assert!(Error::Ftp(550).is_not_found() && !Error::Ftp(550).is_retryable() && Error::Ftp(421).is_retryable());
}

#[tokio::test]
async fn a_file_comes_whole_and_in_parts() {
    let server = Ftp::start(Way::Good).await;
    let file = server.file("/a%20dir/data.csv");
    for (range, status, content_range, body) in [
        (None, 200, None, TEXT),
        (Some("bytes=2-4"), 206, Some("bytes 2-4/10"), "234"),
        (Some("bytes=7-"), 206, Some("bytes 7-9/10"), "789"),
        (Some("bytes=-1"), 206, Some("bytes 9-9/10"), "9"),
        (Some("bytes=10-"), 416, Some("bytes */10"), ""),
    ] {
        let opened = patient().open(&file, range, None).await.unwrap();
        assert_eq!((opened.status, opened.content_range.as_deref()), (status, content_range));
        assert_eq!(opened.content_length, Some(body.len() as u64));
        assert_eq!(opened.etag.as_deref(), Some("\"a-20240102030405\""));
        assert_eq!((opened.file_name.as_str(), opened.accept_ranges.as_deref()), ("data.csv", Some("bytes")));
        assert_eq!(read_all(opened).await.unwrap(), body);
        let head = patient().head(&file, range, None).await.unwrap();
        assert_eq!((head.status, head.content_length), (status, Some(body.len() as u64)));
        assert_eq!(read_all(head).await.unwrap(), "");
    }
    let info = patient().info(&file, InfoOptions { checksum: true, max_checksum: 100 }).await;
    let FileInfo { valid, content_length, content_type, file_name, checksum, .. } = info;
    assert_eq!((valid, content_length, file_name.as_deref()), (true, Some(10), Some("data.csv")));
    assert_eq!(content_type.as_deref(), Some("application/octet-stream"));
    assert_eq!(checksum.as_deref(), Some("84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882"));
    let info = patient().info(&file, InfoOptions { checksum: true, max_checksum: 9 }).await;
    assert_eq!((info.valid, info.checksum), (true, None));
}

#[tokio::test]
async fn a_server_without_sizes_gives_the_whole_file() {
    let server = Ftp::start(Way::Old).await;
    let opened = patient().open(&server.file("/data.csv"), Some("bytes=2-4"), None).await.unwrap();
    assert_eq!((opened.status, opened.content_length, opened.accept_ranges.clone()), (200, None, None));
    assert_eq!(read_all(opened).await.unwrap(), TEXT);
}

#[tokio::test]
async fn no_data_connection_goes_where_the_server_says() {
    let server = Ftp::start(Way::Bounce).await;
    let opened = patient().open(&server.file("/data.csv"), None, None).await.unwrap();
    assert_eq!(read_all(opened).await.unwrap(), TEXT);
    assert_eq!(server.bounced.load(Ordering::SeqCst), 0);
    // Not even a name is looked up for a server that may not be reached.
    let storage = public().build().unwrap();
    assert_eq!(storage.open(&server.file("/data.csv"), None, None).await.unwrap_err(), Error::Address);
}
