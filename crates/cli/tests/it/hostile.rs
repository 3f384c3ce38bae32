use std::fmt::Write as _;

use crate::{ASSET, Folder, replaced};

/// Every command that reads a document refuses it with the same words and the same code.
#[track_caller]
fn refused(content: impl AsRef<[u8]>) -> String {
    let folder = Folder::new();
    folder.file("bad", content);
    let first = folder.ocean("ddo validate bad");
    for line in [
        "ddo checksum bad",
        "ddo show bad",
        "ddo diff asset.json bad",
        "ddo convert bad --to 5.0.0",
        "ddo did --document bad",
    ] {
        assert_eq!(folder.ocean(line), first, "{line}");
    }
    first
}

#[test]
fn not_a_document() {
    insta::assert_snapshot!(refused(""), @r"
    exit 2
    --- stderr
    error: bad: it is empty
     help: a document is a JSON object in UTF-8
    ");
    insta::assert_snapshot!(refused(" \r\n\t"), @r"
    exit 2
    --- stderr
    error: bad: it is empty
     help: a document is a JSON object in UTF-8
    ");
    insta::assert_snapshot!(refused("[{}]"), @r"
    exit 2
    --- stderr
    error: bad: a document is a JSON object
     help: this is a list: take one document out of it, for example with `jq '.[0]'`
    ");
    insta::assert_snapshot!(refused("\"text\""), @r"
    exit 2
    --- stderr
    error: bad: a document is a JSON object
     help: a document begins with `{` and ends with `}`
    ");
    insta::assert_snapshot!(refused("<html>"), @r"
    exit 2
    --- stderr
    error: bad:1:1: it is not JSON: expected a value
     help: this looks like HTML or XML: name the file or URL of the JSON document itself
    ");
    insta::assert_snapshot!(refused("0x7b7d"), @r"
    exit 2
    --- stderr
    error: bad:1:2: it is not JSON: expected nothing after the document
     help: this looks like the hexadecimal form of metadata on chain: decode it first, for example with `xxd -r -p`
    ");
    insta::assert_snapshot!(refused("\u{feff}{}"), @r"
    exit 2
    --- stderr
    error: bad:1:1: it is not JSON: expected a value
     help: it begins with a byte order mark: remove the first three bytes, no peer reads them
    ");
    insta::assert_snapshot!(refused("{\n  \"a\": 1,\n}"), @r"
    exit 2
    --- stderr
    error: bad:3:1: it is not JSON: expected a key
    ");
    insta::assert_snapshot!(refused("{} {}"), @r"
    exit 2
    --- stderr
    error: bad:1:4: it is not JSON: expected nothing after the document
    ");
    insta::assert_snapshot!(refused("{\"a\": NaN}"), @r"
    exit 2
    --- stderr
    error: bad:1:7: it is not JSON: expected a value
    ");
}

#[test]
fn not_utf_8() {
    insta::assert_snapshot!(refused(b"{\n \"a\": \"\xff\"}"), @r"
    exit 2
    --- stderr
    error: bad:2:8: it is not UTF-8
    ");
    // A lone surrogate as bytes.
    insta::assert_snapshot!(refused(b"{\"a\": \"\xed\xa0\x80\"}"), @r"
    exit 2
    --- stderr
    error: bad:1:8: it is not UTF-8
    ");
    insta::assert_snapshot!(refused(b"\x1f\x8b\x08\0"), @r"
    exit 2
    --- stderr
    error: bad:1:2: it is not UTF-8
     help: this is compressed with gzip: unpack it with `gunzip -c`
    ");
    insta::assert_snapshot!(refused(b"\xff\xfe{\0}\0"), @r"
    exit 2
    --- stderr
    error: bad:1:1: it is not UTF-8
     help: this is UTF-16: convert it with `iconv -f UTF-16 -t UTF-8`
    ");
}

#[test]
fn too_deep_too_many_too_large() {
    let deep = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    insta::assert_snapshot!(refused(deep(120)), @r"
    exit 2
    --- stderr
    error: bad:1:125: it is nested deeper than 120 levels
    ");
    insta::assert_snapshot!(refused("[".repeat(1_000_000)), @r"
    exit 2
    --- stderr
    error: bad:1:121: it is nested deeper than 120 levels
    ");
    insta::assert_snapshot!(refused(format!("{{\"a\":[{}0]}}", "0,".repeat(250_000))), @r"
    exit 2
    --- stderr
    error: bad: the document has more than 250000 values
    ");
    insta::assert_snapshot!(refused(format!("{{\"a\":\"{}\"}}", "x".repeat(4 << 20))), @r"
    exit 2
    --- stderr
    error: bad: it has more than 4194304 bytes, the most a document may have
     help: is this a document, and not the data it describes?
    ");
    let folder = Folder::new();
    folder.file("deepest", deep(119));
    assert_eq!(folder.run("ddo checksum deepest").status.code(), Some(0));
    assert_eq!(folder.run("ddo diff deepest deepest").status.code(), Some(0));
}

#[test]
fn lone_surrogates_as_escapes_stay_as_they_are() {
    let folder = Folder::new();
    folder.file("lone.json", replaced(ASSET, "\"Jane\"", "\"Jane \\ud800\""));
    insta::assert_snapshot!(folder.ocean("ddo validate lone.json"), @r"
    exit 0
    --- stdout
    lone.json: valid (strict, version 4.7.0)
    ");
    insta::assert_snapshot!(folder.ocean("ddo checksum lone.json --of bytes,javascript,python"), @r"
    exit 0
    --- stdout
    bytes       0xdc5f5611756936cdc8d8e580debbe8e2e8d02a6782d54dd9c3eeee273b693698  lone.json
    javascript  0x28a856c29aa5aa13e97d92ca3dafe58657ec48d6bcb02b553f630ec2202a42cf  lone.json
    python      0x28a856c29aa5aa13e97d92ca3dafe58657ec48d6bcb02b553f630ec2202a42cf  lone.json
    ");
    insta::assert_snapshot!(folder.ocean("ddo diff asset.json lone.json"), @r#"
    exit 1
    --- stdout
    ~ /metadata/author: "Jane" → "Jane �"
    "#);
    let output = folder.run("ddo convert lone.json --to 5.0.0");
    assert!(String::from_utf8(output.stdout).unwrap().contains("\"Jane \\ud800\""));
}

#[test]
fn files_that_cannot_be_read() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    insta::assert_snapshot!(folder.ocean("ddo validate folder"), @r"
    exit 2
    --- stderr
    error: folder: it is a directory, not a file
     help: name the document inside it
    ");
    insta::assert_snapshot!(folder.ocean("ddo validate missing.json"), @r"
    exit 2
    --- stderr
    error: missing.json: there is no such file
     help: check the path; `-` reads stdin, and a URL begins with http:// or https://
    ");
    insta::assert_snapshot!(folder.ocean("ddo validate asset.json/inside"), @r"
    exit 2
    --- stderr
    error: asset.json/inside: it cannot be read: Not a directory
     help: check that it is a readable file
    ");
    insta::assert_snapshot!(folder.ocean("ddo validate - - asset.json"), @r"
    exit 2
    --- stdout
    asset.json: valid (strict, version 4.7.0)
    --- stderr
    error: stdin: it is empty
     help: a document is a JSON object in UTF-8
    error: stdin: stdin can be read only once
     help: name a file for the other document
    ");
    let output = folder.command("ddo validate").arg("red\u{1b}[31m.json").output().unwrap();
    insta::assert_snapshot!(crate::transcript(&output), @r"
    exit 2
    --- stderr
    error: red\u{1b}[31m.json: there is no such file
     help: check the path; `-` reads stdin, and a URL begins with http:// or https://
    ");
}

#[cfg(target_os = "linux")]
#[test]
fn paths_that_are_no_text() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = Folder::new();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.json");
    std::fs::write(folder.path().join(name), ASSET).unwrap();
    let output = folder.command("ddo validate").arg(name).output().unwrap();
    insta::assert_snapshot!(crate::transcript(&output), @r"
    exit 0
    --- stdout
    caf�.json: valid (strict, version 4.7.0)
    ");
}

#[cfg(unix)]
#[test]
fn endless_files_are_read_as_far_as_a_document_goes() {
    insta::assert_snapshot!(Folder::new().ocean("ddo checksum /dev/zero"), @r"
    exit 2
    --- stderr
    error: /dev/zero: it has more than 4194304 bytes, the most a document may have
     help: is this a document, and not the data it describes?
    ");
}

#[test]
fn a_thousand_findings_in_one_line_of_megabytes() {
    let folder = Folder::new();
    let mut services = String::new();
    for index in 0..2_000 {
        write!(services, "{{\"id\":{index},\"description\":\"{}\"}},", "x".repeat(1_500)).unwrap();
    }
    let value: serde_json::Value = serde_json::from_str(ASSET).unwrap();
    folder.file("wide.json", replaced(&value.to_string(), "\"services\":[", &format!("\"services\":[{services}")));
    let output = folder.run("ddo validate wide.json");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.ends_with("wide.json: invalid (strict, version 4.7.0, 1000 findings and possibly more)\n"));
    assert!(text.lines().all(|line| line.chars().count() < 400), "a line is too long to read");
}
