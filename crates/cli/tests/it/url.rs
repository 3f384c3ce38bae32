use std::{
    io::Write as _,
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use crate::{
    ASSET, Folder,
    server::{Server, reply},
};

const CHUNK: usize = 1 << 16;

fn answer(path: &str, stream: &mut TcpStream) -> std::io::Result<()> {
    match path.split('?').next().unwrap_or_default() {
        "/asset.json" => reply(stream, "200 OK", "Content-Type: application/json\r\n", ASSET),
        "/moved" => reply(stream, "302 Found", "Location: /asset.json\r\n", ""),
        "/loop" => reply(stream, "302 Found", "Location: /loop\r\n", ""),
        "/ftp" => reply(stream, "302 Found", "Location: ftp://127.0.0.1/asset.json\r\n", ""),
        "/page" => reply(stream, "200 OK", "", "<!doctype html><p>no document here"),
        "/empty" => reply(stream, "200 OK", "", ""),
        // What a terminal would obey must not reach it.
        "/missing" => reply(stream, "404 Not Found", "", "Asset DID not found\u{1b}[2J"),
        "/announced" => write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{{"),
        "/endless" => {
            write!(stream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
            loop {
                write!(stream, "{CHUNK:x}\r\n{}\r\n", " ".repeat(CHUNK))?;
            }
        }
        "/cut" => write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{{"),
        "/drip" => {
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")?;
            loop {
                stream.write_all(b" ")?;
                stream.flush()?;
                thread::sleep(Duration::from_millis(50));
            }
        }
        "/silent" => {
            thread::sleep(Duration::from_secs(60));
            Ok(())
        }
        _ => reply(stream, "500 Internal Server Error", "", ""),
    }
}

#[test]
fn documents_come_from_a_url() {
    let (folder, server) = (Folder::new(), Server::start(answer));
    let read = |command: &str, path: &str| server.name(&folder.ocean(&format!("ddo {command} {}", server.url(path))));
    insta::assert_snapshot!(read("validate", "/asset.json"), @r"
    exit 0
    --- stdout
    http://HOST/asset.json: valid (strict, version 4.7.0)
    ");
    insta::assert_snapshot!(read("checksum", "/moved"), @r"
    exit 0
    --- stdout
    0xa3d6258487a195e37a678ce7c68fa8b4f238554ba350126f0d4fb42298305051  http://HOST/moved
    ");
    // The name does not repeat what may be secret.
    let secret = server.url("/asset.json?token=s3cret#part").replace("http://", "http://user:pass@");
    insta::assert_snapshot!(server.name(&folder.ocean(&format!("ddo validate {secret}"))), @r"
    exit 0
    --- stdout
    http://***@HOST/asset.json?***: valid (strict, version 4.7.0)
    ");
    assert_eq!(server.requests(), 4);
}

#[test]
fn a_url_without_a_document_is_unusable() {
    let (folder, server) = (Folder::new(), Server::start(answer));
    let read = |path: &str| server.name(&folder.ocean(&format!("ddo checksum {}", server.url(path))));
    insta::assert_snapshot!(read("/missing"), @r"
    exit 2
    --- stderr
    error: http://HOST/missing: the server answers 404 Not Found: Asset DID not found\u{1b}[2J
     help: open the URL in a browser or with `curl -i` to see what it needs
    ");
    insta::assert_snapshot!(read("/other"), @r"
    exit 2
    --- stderr
    error: http://HOST/other: the server answers 500 Internal Server Error
     help: open the URL in a browser or with `curl -i` to see what it needs
    ");
    insta::assert_snapshot!(read("/page"), @r"
    exit 2
    --- stderr
    error: http://HOST/page:1:1: it is not JSON: expected a value
     help: this looks like HTML or XML: name the file or URL of the JSON document itself
    ");
    insta::assert_snapshot!(read("/empty"), @r"
    exit 2
    --- stderr
    error: http://HOST/empty: it is empty
     help: a document is a JSON object in UTF-8
    ");
    insta::assert_snapshot!(read("/loop"), @r"
    exit 2
    --- stderr
    error: http://HOST/loop: the redirect is not followed: more than 5 redirects
     help: check the URL and the network
    ");
    insta::assert_snapshot!(read("/ftp"), @r"
    exit 2
    --- stderr
    error: http://HOST/ftp: the redirect is not followed: it leads to ftp
     help: check the URL and the network
    ");
}

#[test]
fn what_a_server_sends_is_bounded() {
    let (folder, server) = (Folder::new(), Server::start(answer));
    let read = |path: &str| server.name(&folder.ocean(&format!("ddo show {}", server.url(path))));
    insta::assert_snapshot!(read("/announced"), @r"
    exit 2
    --- stderr
    error: http://HOST/announced: it has more than 4194304 bytes, the most a document may have
     help: is this a document, and not the data it describes?
    ");
    insta::assert_snapshot!(read("/endless"), @r"
    exit 2
    --- stderr
    error: http://HOST/endless: it has more than 4194304 bytes, the most a document may have
     help: is this a document, and not the data it describes?
    ");
    insta::assert_snapshot!(read("/cut"), @r"
    exit 2
    --- stderr
    error: http://HOST/cut: the answer broke off: end of file before message length reached
     help: check the URL and the network
    ");
    // A second is too short for what the machine may be busy with, and so it is left to these two.
    let started = Instant::now();
    let read = |path: &str| server.name(&folder.ocean(&format!("ddo show {} --timeout 1", server.url(path))));
    insta::assert_snapshot!(read("/drip"), @r"
    exit 2
    --- stderr
    error: http://HOST/drip: no complete answer within 1 s
     help: the server is slow or gone: try again, or give it more time with --timeout
    ");
    insta::assert_snapshot!(read("/silent"), @r"
    exit 2
    --- stderr
    error: http://HOST/silent: no complete answer within 1 s
     help: the server is slow or gone: try again, or give it more time with --timeout
    ");
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn urls_that_lead_nowhere() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.ocean("ddo validate ftp://host/asset.json"), @r"
    exit 2
    --- stderr
    error: ftp://host/asset.json: documents are not read over ftp
     help: use an http or https URL, or download the document and name the file
    ");
    insta::assert_snapshot!(folder.ocean("ddo validate http://"), @r"
    exit 2
    --- stderr
    error: this is not a URL: empty host
     help: write http:// or https://, a host and a path
    ");
    // Port 1 is nobody's.
    insta::assert_snapshot!(folder.ocean("ddo validate http://127.0.0.1:1/asset.json"), @r"
    exit 2
    --- stderr
    error: http://127.0.0.1:1/asset.json: cannot connect: Connection refused
     help: check the URL and the network
    ");
}
