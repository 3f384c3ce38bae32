use std::{io::Read as _, process::Stdio};

use crate::{ASSET, Folder, replaced};

const RED: &str = "\u{1b}[1;31m";

#[test]
fn colours_only_where_they_are_wanted() {
    let folder = Folder::new();
    folder.file("bad.json", replaced(ASSET, "\"CC0\"", "0"));
    let coloured = |line: &str, name: &str, value: &str| {
        let output = folder.command(line).env(name, value).output().unwrap();
        String::from_utf8(output.stdout).unwrap().contains(RED)
    };
    assert!(!coloured("ddo validate bad.json", "NO_COLOR", ""));
    assert!(!coloured("ddo validate bad.json", "NO_COLOR", "1"));
    assert!(!coloured("ddo validate bad.json --color never", "NO_COLOR", ""));
    assert!(coloured("ddo validate bad.json --color always", "NO_COLOR", ""));
    // What is asked for at the command is asked for last.
    assert!(coloured("ddo validate bad.json --color always", "NO_COLOR", "1"));
    insta::assert_snapshot!(folder.ocean("ddo validate bad.json missing.json --color always"), @"
    exit 2
    --- stdout
    \u{1b}[1;31merror\u{1b}[0m\u{1b}[1m[type]:\u{1b}[0m \u{1b}[1m/metadata/license\u{1b}[0m must be written as a string
      \u{1b}[1;34m-->\u{1b}[0m bad.json:16:16
    \u{1b}[1;34m16\u{1b}[0m \u{1b}[1;34m|\u{1b}[0m \"license\": 0,
       \u{1b}[1;34m|\u{1b}[0m            \u{1b}[1;31m^\u{1b}[0m
       \u{1b}[1;34m=\u{1b}[0m write it as that type, not as another one or in quotes (rule of specification, ocean-ddo for 4.7.0)

    \u{1b}[1;31merror\u{1b}[0m\u{1b}[1m[datatype]:\u{1b}[0m \u{1b}[1m/metadata/license\u{1b}[0m must be a text
      \u{1b}[1;34m-->\u{1b}[0m bad.json:16:16
    \u{1b}[1;34m16\u{1b}[0m \u{1b}[1;34m|\u{1b}[0m \"license\": 0,
       \u{1b}[1;34m|\u{1b}[0m            \u{1b}[1;31m^\u{1b}[0m
       \u{1b}[1;34m=\u{1b}[0m write it as that type, not as another one or in quotes (rule of ddo.js, Aquarius for 4.0.0, 4.1.0, 4.3.0, 4.5.0, 4.7.0)

    bad.json: \u{1b}[1;31minvalid\u{1b}[0m (strict, version 4.7.0, 2 findings)
    --- stderr
    \u{1b}[1;31merror\u{1b}[0m: missing.json: there is no such file
     \u{1b}[1;34mhelp\u{1b}[0m: check the path; `-` reads stdin, and a URL begins with http:// or https://
    ");
}

/// What a terminal gets to see.
#[cfg(unix)]
fn on_a_terminal(folder: &Folder, line: &str, name: &str, value: &str) -> String {
    use rustix::{fs::OFlags, pty};
    let master = pty::openpt(pty::OpenptFlags::RDWR | pty::OpenptFlags::NOCTTY).unwrap();
    pty::grantpt(&master).unwrap();
    pty::unlockpt(&master).unwrap();
    let path = pty::ptsname(&master, Vec::new()).unwrap();
    let terminal = rustix::fs::open(&*path, OFlags::RDWR | OFlags::NOCTTY, rustix::fs::Mode::empty()).unwrap();
    let mut command = folder.command(line);
    let mut child = command.env(name, value).stdout(Stdio::from(terminal)).spawn().unwrap();
    // The terminal's other end closes with the last process that has it, this one included.
    drop(command);
    let mut seen = Vec::new();
    // Linux ends with an error where others end with nothing.
    let _ = std::fs::File::from(master).read_to_end(&mut seen);
    child.wait().unwrap();
    String::from_utf8(seen).unwrap()
}

#[cfg(unix)]
#[test]
fn a_terminal_has_colours_and_whole_lines() {
    let folder = Folder::new();
    folder.file("bad.json", replaced(ASSET, "\"CC0\"", "0"));
    assert!(on_a_terminal(&folder, "ddo validate bad.json", "NO_COLOR", "").contains(RED));
    assert!(!on_a_terminal(&folder, "ddo validate bad.json", "NO_COLOR", "1").contains('\u{1b}'));
    assert!(!on_a_terminal(&folder, "ddo validate bad.json", "TERM", "dumb").contains('\u{1b}'));
    assert!(!on_a_terminal(&folder, "ddo validate bad.json --color never", "NO_COLOR", "").contains('\u{1b}'));
    assert!(!on_a_terminal(&folder, "ddo validate bad.json --format json", "NO_COLOR", "").contains('\u{1b}'));
    // A pipe gets the document and nothing else, a terminal also the end of the line.
    folder.file("line.json", ASSET.trim_end());
    assert!(on_a_terminal(&folder, "ddo convert line.json --to 4.5.0", "NO_COLOR", "").ends_with("}\r\n"));
    assert!(folder.run("ddo convert line.json --to 4.5.0").stdout.ends_with(b"}"));
    // And it gets nothing it would obey: here, the control sequence introducer as one character.
    folder.file("csi.json", replaced(ASSET, "\"Jane\"", "\"\u{9b}2J\u{e0041}\""));
    assert!(
        on_a_terminal(&folder, "ddo convert csi.json --to 4.5.0", "TERM", "dumb")
            .contains("\"\\u009b2J\\udb40\\udc41\"")
    );
    assert!(folder.run("ddo convert csi.json --to 4.5.0").stdout.windows(2).any(|bytes| bytes == "\u{9b}".as_bytes()));
}

#[test]
fn json_is_safe_to_print() {
    let folder = Folder::new();
    folder.file("csi.json", replaced(ASSET, "\"Jane\"", "\"\u{9b}2J\u{202e}\""));
    let output = folder.run("ddo show csi.json --format json");
    assert!(String::from_utf8(output.stdout).unwrap().contains("\"author\":\"\\u009b2J\\u202e\""));
    assert_eq!(folder.json("ddo show csi.json").1["author"], serde_json::json!("\u{9b}2J\u{202e}"));
}

#[test]
fn whoever_stops_reading_is_no_error() {
    let folder = Folder::new();
    // More than a pipe holds.
    let after = replaced(ASSET, "\"test\"\n", &format!("\"test\"{}\n", ", \"another\"".repeat(9_000)));
    folder.file("after.json", after);
    let mut child =
        folder.command("ddo diff asset.json after.json").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(1), String::new()));
}

#[test]
fn help_and_mistakes() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.ocean("--version").replace(env!("CARGO_PKG_VERSION"), "VERSION"), @r"
    exit 0
    --- stdout
    ocean VERSION
    ");
    insta::assert_snapshot!(folder.ocean("ddo validate"), @r"
    exit 2
    --- stderr
    error: the following required arguments were not provided:
      <INPUT>...

    Usage: ocean ddo validate <INPUT>...

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(folder.ocean("ddo check asset.json"), @r"
    exit 2
    --- stderr
    error: unrecognized subcommand 'check'

      tip: some similar subcommands exist: 'schema', 'checksum'

    Usage: ocean ddo [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(folder.ocean("ddo validate asset.json --profile python"), @r"
    exit 2
    --- stderr
    error: invalid value 'python' for '--profile <PROFILE>'
      [possible values: ddojs, aquarius, strict]

    For more information, try '--help'.
    ");
}
