use serde_json::json;

use crate::{ASSET, ASSET_5, Folder, replaced};

const NFT: &str = "0xBB1081DbF3227bbB233Db68f7117114baBb43656";

#[track_caller]
fn check(line: &str, code: i32, stdout: &str) {
    let output = Folder::new().run(&format!("ddo did {line}"));
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim_end(), stdout, "{line}");
    assert_eq!(output.status.code(), Some(code), "{line}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn derived() {
    let digest = "fa0e8fa9550e8eb13392d6eeb9ba9f8111801b332c8d2345b350b3bc66b379d5";
    check(&format!("--nft {NFT} --chain 137"), 0, &format!("did:op:{digest}"));
    check(&format!("--nft {NFT} --chain 137 --method ope"), 0, &format!("did:ope:{digest}"));
    check(&format!("--nft {} --chain 0x89", NFT.to_lowercase()), 0, &format!("did:op:{digest}"));
    check(&format!("--nft {NFT} --chain 137 --as-given"), 0, &format!("did:op:{digest}"));
    check("--document asset.json", 0, &format!("did:op:{digest}"));
    check("--document asset-5.json", 0, &format!("did:ope:{digest}"));
    // sha256 of the lower-case text, as ocean.py has it.
    let given = "did:op:d0dc0a9bd63288e88308d118e596fc215b578ebbef37c115a2f5353d1aee827b";
    check(&format!("--nft {} --chain 137 --as-given", NFT.to_lowercase()), 0, given);
}

#[test]
fn checked() {
    let folder = Folder::new();
    let did = format!("did:op:{}", "0a".repeat(32));
    insta::assert_snapshot!(folder.ocean(&format!("ddo did {did}")), @r"
    exit 0
    --- stdout
    did:op:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a: valid
    ");
    insta::assert_snapshot!(folder.ocean("ddo did did:op:123"), @r"
    exit 1
    --- stdout
    did:op:123: invalid
      the identifier after `did:op:` must be 64 lower-case hexadecimal digits
      peers accept it all the same: they look at its beginning only
    ");
    insta::assert_snapshot!(folder.ocean("ddo did did:web:example.org"), @r"
    exit 1
    --- stdout
    did:web:example.org: invalid
      a DID begins with `did:op:` or `did:ope:`
    ");
    insta::assert_snapshot!(folder.ocean(&format!("ddo did {did} --nft {NFT} --chain 137")), @r"
    exit 1
    --- stdout
    did:op:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a: invalid
      that of 0xBB1081DbF3227bbB233Db68f7117114baBb43656 on chain 137 is did:op:fa0e8fa9550e8eb13392d6eeb9ba9f8111801b332c8d2345b350b3bc66b379d5
    ");
    let (code, answer) = folder.json(&format!("ddo did {did} --nft {NFT} --chain 137"));
    assert_eq!((code, &answer["belongs"], &answer["accepted"]), (1, &json!(false), &json!(true)));
    let mine = answer["expected"].as_str().unwrap();
    let (code, answer) = folder.json(&format!("ddo did {mine} --nft {NFT} --chain 137"));
    assert_eq!((code, &answer["belongs"], &answer["valid"]), (0, &json!(true), &json!(true)));
}

#[test]
fn of_a_document() {
    let folder = Folder::new();
    folder
        .file("other.json", replaced(ASSET, "\"chainId\": 137", "\"chainId\": 1"))
        .file("none.json", replaced(ASSET, "\"chainId\": 137,", ""))
        .file("five.json", replaced(ASSET_5, "0xBB1081", "0xbB1081"));
    insta::assert_snapshot!(folder.ocean("ddo did --document other.json"), @r"
    exit 1
    --- stdout
    did:op:07d43f2fc13197e942dda6a9b0634660799ccb83b3991e2122b1acf6f93c29cf
    --- stderr
    note: other.json: the document states another id: did:op:fa0e8fa9550e8eb13392d6eeb9ba9f8111801b332c8d2345b350b3bc66b379d5
    ");
    insta::assert_snapshot!(folder.ocean("ddo did --document none.json"), @r"
    exit 2
    --- stderr
    error: none.json: /chainId must be a whole number above zero
     help: `ocean ddo validate` lists all that is wrong
    ");
    insta::assert_snapshot!(folder.ocean("ddo did --document five.json"), @r"
    exit 2
    --- stderr
    error: five.json: `0xbB1081DbF3227bbB233Db68f7117114baBb43656` is an address with a wrong checksum
     help: if the digits are right, it is written 0xBB1081DbF3227bbB233Db68f7117114baBb43656
    ");
    insta::assert_snapshot!(folder.ocean("ddo did --document asset-5.json --format json"), @r#"
    exit 0
    --- stdout
    {"input":"asset-5.json","did":"did:ope:fa0e8fa9550e8eb13392d6eeb9ba9f8111801b332c8d2345b350b3bc66b379d5","nftAddress":"0xBB1081DbF3227bbB233Db68f7117114baBb43656","chainId":137,"stated":"did:ope:fa0e8fa9550e8eb13392d6eeb9ba9f8111801b332c8d2345b350b3bc66b379d5","valid":true}
    "#);
}

#[test]
fn unusable() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.ocean("ddo did"), @r"
    exit 2
    --- stderr
    error: the following required arguments were not provided:
      <DID|--nft <ADDRESS>|--document <INPUT>>

    Usage: ocean ddo did <DID|--nft <ADDRESS>|--document <INPUT>>

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(folder.ocean(&format!("ddo did --nft {} --chain 1", NFT.replace("bB4", "bb4"))), @r"
    exit 0
    --- stdout
    did:op:07d43f2fc13197e942dda6a9b0634660799ccb83b3991e2122b1acf6f93c29cf
    ");
    insta::assert_snapshot!(folder.ocean("ddo did --nft 0x12 --chain 1"), @r"
    exit 2
    --- stderr
    error: `0x12` is not an address
     help: an address is 0x and 40 hexadecimal digits
    ");
    insta::assert_snapshot!(folder.ocean(&format!("ddo did --nft {NFT} --chain 0")), @r"
    exit 2
    --- stderr
    error: invalid value '0' for '--chain <ID>': `0` is not a chain id

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(folder.ocean("ddo did --nft 0x12 --chain 1 --format json"), @r#"
    exit 2
    --- stderr
    {"error":"`0x12` is not an address","hint":"an address is 0x and 40 hexadecimal digits"}
    "#);
}
