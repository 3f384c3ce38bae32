use serde_json::json;

use crate::{ASSET, Folder, replaced};

#[test]
fn the_same() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.ocean("ddo diff asset.json asset.json"), @"exit 0");
    let value: serde_json::Value = serde_json::from_str(ASSET).unwrap();
    folder.file("line.json", value.to_string());
    insta::assert_snapshot!(folder.ocean("ddo diff asset.json line.json"), @r"
    exit 0
    --- stderr
    note: no field differs, but the bytes do (white space, order of keys, escapes), and with them the checksum
    ");
    let (code, answer) = folder.json("ddo diff asset.json line.json");
    assert_eq!((code, &answer["same"], &answer["sameBytes"]), (0, &json!(true), &json!(false)));
}

#[test]
fn field_by_field() {
    let folder = Folder::new();
    let after = replaced(ASSET, "\"name\": \"Branin\"", "\"name\": \"Branin, finer\\u001b[2J\"");
    let after = replaced(&after, "      \"optimisation\",\n", "      \"new\",\n      \"optimisation\",\n");
    let after = replaced(&after, "    \"license\": \"CC0\",\n", "    \"a/b~c\": null,\n");
    let after = replaced(&after, "\"timeout\": 86400", "\"timeout\": \"86400\"");
    folder.file("after.json", after);
    insta::assert_snapshot!(folder.ocean("ddo diff asset.json after.json"), @r#"
    exit 1
    --- stdout
    ~ /metadata/name: "Branin" → "Branin, finer\u001b[2J"
    - /metadata/license: "CC0"
    + /metadata/tags/0: "new"
    + /metadata/a~1b~0c: null
    ~ /services/0/timeout: 86400 → "86400"
    "#);
    insta::assert_snapshot!(folder.ocean("ddo diff after.json asset.json --color always"), @"
    exit 1
    --- stdout
    \u{1b}[1;33m~\u{1b}[0m \u{1b}[1m/metadata/name\u{1b}[0m: \u{1b}[1;31m\"Branin, finer\\u001b[2J\"\u{1b}[0m → \u{1b}[1;32m\"Branin\"\u{1b}[0m
    \u{1b}[1;31m-\u{1b}[0m \u{1b}[1m/metadata/a~1b~0c\u{1b}[0m: \u{1b}[1;31mnull\u{1b}[0m
    \u{1b}[1;31m-\u{1b}[0m \u{1b}[1m/metadata/tags/0\u{1b}[0m: \u{1b}[1;31m\"new\"\u{1b}[0m
    \u{1b}[1;32m+\u{1b}[0m \u{1b}[1m/metadata/license\u{1b}[0m: \u{1b}[1;32m\"CC0\"\u{1b}[0m
    \u{1b}[1;33m~\u{1b}[0m \u{1b}[1m/services/0/timeout\u{1b}[0m: \u{1b}[1;31m\"86400\"\u{1b}[0m → \u{1b}[1;32m86400\u{1b}[0m
    ");
    insta::assert_snapshot!(folder.ocean("ddo diff asset.json after.json --format json"), @r#"
    exit 1
    --- stdout
    {"before":"asset.json","after":"after.json","same":false,"sameBytes":false,"count":5,"differences":[{"change":"changed","pointer":"/metadata/name","before":"Branin","after":"Branin, finer\u001b[2J"},{"change":"removed","pointer":"/metadata/license","before":"CC0"},{"change":"added","pointer":"/metadata/tags/0","after":"new"},{"change":"added","pointer":"/metadata/a~1b~0c","after":null},{"change":"changed","pointer":"/services/0/timeout","before":86400,"after":"86400"}]}
    "#);
}

#[test]
fn what_an_indexer_added() {
    let folder = Folder::new();
    let (code, answer) = folder.json("ddo diff asset.json served.json");
    assert_eq!(code, 1);
    let pointers: Vec<_> = answer["differences"].as_array().unwrap().iter().map(|one| &one["pointer"]).collect();
    assert_eq!(
        json!(pointers),
        json!(["/services/1", "/credentials", "/nft", "/event", "/stats", "/purgatory", "/indexedMetadata"])
    );
    insta::assert_snapshot!(folder.ocean("ddo diff asset.json served.json --ignore-indexed"), @r#"
    exit 1
    --- stdout
    - /services/1: {"id":"compute","type":"compute","name":"Run on it","files":"0x04beba2f","datatokenAddress":"0xfF4AE9869Cafb5Ff725f962F3…
    - /credentials: {"allow":[],"deny":[{"type":"address","values":["0x37BB53e3d293494DE59fBe1FF78500423dcFd43B"]}]}
    "#);
}

#[test]
fn unusable() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.ocean("ddo diff - -"), @r"
    exit 2
    --- stderr
    error: stdin: stdin can be read only once
     help: name a file for the other document
    ");
    insta::assert_snapshot!(folder.ocean("ddo diff asset.json missing.json"), @r"
    exit 2
    --- stderr
    error: missing.json: there is no such file
     help: check the path; `-` reads stdin, and a URL begins with http:// or https://
    ");
}

#[test]
fn many_differences_below_a_long_name() {
    let folder = Folder::new();
    let members = |value: &str| (0..100_000).map(|index| format!(",\"{index}\":{value}")).collect::<String>();
    let document = |value: &str| format!("{{\"{}\":{{\"a\":0{}}}}}", "x".repeat(2_000_000), members(value));
    folder.file("one.json", document("1")).file("two.json", document("2"));
    let output = folder.run("ddo diff one.json two.json");
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 10_000);
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "note: 90000 more differences are not listed\n");
    let (code, answer) = folder.json("ddo diff one.json two.json");
    assert_eq!((code, &answer["count"]), (1, &json!(100_000)));
}
