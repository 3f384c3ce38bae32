use serde_json::json;

use crate::{ASSET, Folder, replaced};

#[test]
fn within_version_4() {
    let folder = Folder::new();
    let output = folder.run("ddo convert asset.json --to 4.5.0");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), replaced(ASSET, "\"4.7.0\"", "\"4.5.0\""));
    insta::assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @"unread: /services/1/credentials is read from 4.7.0 on: readers of this version do not look at who may use the service");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn up_and_down() {
    let folder = Folder::new();
    let output = folder.run("ddo convert asset.json --to 5.0.0");
    insta::assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @r"
    changed: /id becomes did:ope:fa0e8fa9550e8eb13392d6eeb9ba9f8111801b332c8d2345b350b3bc66b379d5: links and searches by the old identifier do not find the new document
    filled: /credentialSubject/metadata/providedBy is the author: write there who provides the asset
    filled: /issuer is empty: write there who issues the credential
    ");
    assert_eq!(output.status.code(), Some(0));
    folder.file("up.json", &output.stdout);
    assert_eq!(folder.run("ddo validate up.json --profile ddojs").status.code(), Some(0));

    let output = folder.run("ddo convert asset-5.json --to 4.7.0");
    insta::assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @r"
    changed: /id becomes did:op:fa0e8fa9550e8eb13392d6eeb9ba9f8111801b332c8d2345b350b3bc66b379d5: links and searches by the old identifier do not find the new document
    unread: /credentialSubject/metadata/providedBy is kept, and readers of 4.x do not look at it
    dropped: /issuer is left out: 4.x has no place for it
    invalid: /credentials/allow/0/values/0 must be a text
    ");
    folder.file("down.json", &output.stdout);
    insta::assert_snapshot!(folder.ocean("ddo show down.json"), @r"
    exit 0
    --- stdout
    Branin
      DID        did:op:fa0e8fa9550e8eb13392d6eeb9ba9f8111801b332c8d2345b350b3bc66b379d5
      type       dataset, version 4.7.0
      data NFT   0xBB1081DbF3227bbB233Db68f7117114baBb43656 on chain 137
      author     Jane
      licence    https://licence.example
      created    2026-01-02T03:04:05Z
      updated    2026-01-02T03:04:05Z
      tags       optimisation, test
      access     only SSI policy (1 request)
      checksum   0x16aecaff62bcbb370f1db00d293d9e909fbbf2523fb56e3c4d90158f815509c7 (1010 bytes)
      about      The Branin function on a grid
    service 0: access Download (id access)
      endpoint   https://provider.example
      datatoken  0xfF4AE9869Cafb5Ff725f962F3Bbc22Fb303A8aD8
      lasts      1 hour
      files      4 bytes, encrypted
    ");
}

#[test]
fn a_result_that_is_invalid_is_written_and_told() {
    let folder = Folder::new();
    folder.file(
        "short.json",
        replaced(&replaced(ASSET, "\"4.7.0\"", "\"4.1.0\""), "\"name\": \"Branin\"", "\"name\": \"B\""),
    );
    assert_eq!(folder.run("ddo validate short.json").status.code(), Some(0));
    let output = folder.run("ddo convert short.json --to 4.7.0");
    insta::assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @"invalid: /metadata/name must have at least 4 UTF-16 units, has 1");
    assert!(!output.stdout.is_empty());
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn json_for_machines() {
    let folder = Folder::new();
    let (code, answer) = folder.json("ddo convert served.json --to 4.7.0");
    assert_eq!((code, &answer["from"], &answer["to"]), (0, &json!("4.7.0"), &json!("4.7.0")));
    let (_, answer) = folder.json("ddo convert asset-5.json --to 4.7.0");
    let document: serde_json::Value = serde_json::from_str(answer["document"].as_str().unwrap()).unwrap();
    assert_eq!(document["version"], json!("4.7.0"));
    // The text is what the command writes without --format, byte for byte.
    folder.file("plain.json", folder.run("ddo convert asset-5.json --to 4.7.0").stdout);
    assert_eq!(folder.json("ddo checksum plain.json").1["checksums"]["bytes"], answer["checksum"]);
    assert!(!answer["losses"].as_array().unwrap().is_empty());
}

#[test]
fn unusable() {
    let folder = Folder::new();
    folder.file("none.json", "{}").file("half.json", replaced(ASSET, "\"nftAddress\"", "\"address\""));
    insta::assert_snapshot!(folder.ocean("ddo convert asset.json --to 6.0.0"), @r"
exit 2
--- stderr
error: invalid value '6.0.0' for '--to <VERSION>': versions are 4.0.0, 4.1.0, 4.3.0, 4.5.0, 4.7.0, 5.0.0 and deprecated

For more information, try '--help'.
");
    insta::assert_snapshot!(folder.ocean("ddo convert none.json --to 4.7.0"), @r"
    exit 2
    --- stderr
    error: none.json: the document does not say its version
     help: add the member `version` with the version whose rules it follows
    ");
    insta::assert_snapshot!(folder.ocean("ddo convert half.json --to 5.0.0"), @r"
    exit 2
    --- stderr
    error: half.json: the document cannot be converted: `/nftAddress` must be an address to derive the identifier
     help: `ocean ddo validate` lists all that is wrong with the document
    ");
}

#[test]
fn schemas() {
    let folder = Folder::new();
    for version in ["4.0.0", "4.1.0", "4.3.0", "4.5.0", "4.7.0", "5.0.0"] {
        let (code, schema) = folder.json(&format!("ddo schema {version}"));
        assert_eq!((code, &schema["properties"]["version"]["const"]), (0, &json!(version)));
        let text = String::from_utf8(folder.run(&format!("ddo schema {version}")).stdout).unwrap();
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), schema);
    }
    insta::assert_snapshot!(folder.ocean("ddo schema deprecated"), @r"
        exit 2
        --- stderr
        error: there is no schema of version deprecated
         help: there is one of 4.0.0, 4.1.0, 4.3.0, 4.5.0, 4.7.0, 5.0.0
        ");
    insta::assert_snapshot!(folder.ocean("ddo schema 4.6.0"), @r"
    exit 2
    --- stderr
    error: invalid value '4.6.0' for '<VERSION>': versions are 4.0.0, 4.1.0, 4.3.0, 4.5.0, 4.7.0, 5.0.0 and deprecated

    For more information, try '--help'.
    ");
}
