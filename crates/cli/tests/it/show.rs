use serde_json::json;

use crate::{ASSET, Folder, replaced};

#[test]
fn assets_of_both_forms() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.ocean("ddo show asset.json asset-5.json"), @r"
    exit 0
    --- stdout
    Branin
      DID        did:op:fa0e8fa9550e8eb13392d6eeb9ba9f8111801b332c8d2345b350b3bc66b379d5
      type       dataset, version 4.7.0
      data NFT   0xBB1081DbF3227bbB233Db68f7117114baBb43656 on chain 137
      author     Jane
      licence    CC0
      created    2026-01-02T03:04:05Z
      updated    2026-01-02T03:04:05Z
      tags       optimisation, test
      access     everybody but 0x37BB53e3d293494DE59fBe1FF78500423dcFd43B
      checksum   0xa3d6258487a195e37a678ce7c68fa8b4f238554ba350126f0d4fb42298305051 (2272 bytes)
      about      The Branin function on a grid of a million points
    service 0: access (id access)
      endpoint   https://provider.example
      datatoken  0xfF4AE9869Cafb5Ff725f962F3Bbc22Fb303A8aD8
      lasts      1 day
      files      4 bytes, encrypted
    service 1: compute Run on it (id compute)
      endpoint   https://provider.example
      datatoken  0xfF4AE9869Cafb5Ff725f962F3Bbc22Fb303A8aD8
      lasts      for ever
      files      4 bytes, encrypted
      compute    algorithms did:op:0000000000000000000000000000000000000000000000000000000000000000; without network
      asks for   points
      access     only 0x0DB823218e337a6817e6D7740eb17635DEAdafAF

    Branin
      DID        did:ope:fa0e8fa9550e8eb13392d6eeb9ba9f8111801b332c8d2345b350b3bc66b379d5
      type       dataset, version 5.0.0
      data NFT   0xBB1081DbF3227bbB233Db68f7117114baBb43656 on chain 137
      author     Jane
      licence    https://licence.example
      created    2026-01-02T03:04:05Z
      updated    2026-01-02T03:04:05Z
      tags       optimisation, test
      access     only SSI policy (1 request)
      checksum   0x57a2d0f5f250ad3bcc8d7a99e9def73e325be2ce13dbaf3cd1992dad56726d5f (1526 bytes)
      about      The Branin function on a grid
    service 0: access Download (id access)
      endpoint   https://provider.example
      datatoken  0xfF4AE9869Cafb5Ff725f962F3Bbc22Fb303A8aD8
      lasts      1 hour
      files      4 bytes, encrypted
    ");
}

#[test]
fn an_asset_as_an_indexer_serves_it() {
    insta::assert_snapshot!(Folder::new().ocean("ddo show served.json"), @r"
    exit 0
    --- stdout
    Branin
      DID        did:op:fa0e8fa9550e8eb13392d6eeb9ba9f8111801b332c8d2345b350b3bc66b379d5
      type       dataset, version 4.7.0
      data NFT   0xBB1081DbF3227bbB233Db68f7117114baBb43656 on chain 137
      author     Jane
      licence    CC0
      created    2026-01-02T03:04:05Z
      updated    2026-01-02T03:04:05Z
      tags       optimisation, test
      access     everybody
      checksum   0x47a065d99f2836cea300daacfdccf5a3f899b4eae6ece397a163519b285335f6 (810 bytes)
      about      The Branin function on a grid of a million points
    service 0: access (id access)
      endpoint   https://provider.example
      datatoken  0xfF4AE9869Cafb5Ff725f962F3Bbc22Fb303A8aD8
      lasts      1 day
      files      4 bytes, encrypted
    from the indexer
      state      4: ordering of the asset is disabled for the time being
      owner      0x0DB823218e337a6817e6D7740eb17635DEAdafAF
      orders     36
      price      2.5 OCEAN
    ");
}

#[test]
fn an_algorithm_with_a_foreign_identifier() {
    let folder = Folder::new();
    let algorithm = "\"algorithm\": {\"container\": {\"entrypoint\": \"node $ALGO\", \"image\": \"node\", \"tag\": \"22\", \"checksum\": \"sha256:00\"}}, \"name\": \"Sum\u{1b}[31m\"";
    let document = replaced(ASSET, "\"name\": \"Branin\"", algorithm);
    let document = replaced(&document, "\"type\": \"dataset\"", "\"type\": \"algorithm\"");
    let document = replaced(&document, "\u{1b}", "\\u001b");
    folder.file("algorithm.json", replaced(&document, "\"chainId\": 137", "\"chainId\": 1"));
    insta::assert_snapshot!(folder.ocean("ddo show algorithm.json"), @r"
    exit 0
    --- stdout
    Sum\u{1b}[31m
      DID        did:op:fa0e8fa9550e8eb13392d6eeb9ba9f8111801b332c8d2345b350b3bc66b379d5  not that of the data NFT and the chain
      type       algorithm, version 4.7.0
      data NFT   0xBB1081DbF3227bbB233Db68f7117114baBb43656 on chain 1
      author     Jane
      licence    CC0
      created    2026-01-02T03:04:05Z
      updated    2026-01-02T03:04:05Z
      tags       optimisation, test
      container  node:22
      access     everybody but 0x37BB53e3d293494DE59fBe1FF78500423dcFd43B
      checksum   0x725a321d870fe99e6aa42e233bf81360ccebb5e32d9223abac1aefe5d4957b2b (2392 bytes)
      about      The Branin function on a grid of a million points
    service 0: access (id access)
      endpoint   https://provider.example
      datatoken  0xfF4AE9869Cafb5Ff725f962F3Bbc22Fb303A8aD8
      lasts      1 day
      files      4 bytes, encrypted
    service 1: compute Run on it (id compute)
      endpoint   https://provider.example
      datatoken  0xfF4AE9869Cafb5Ff725f962F3Bbc22Fb303A8aD8
      lasts      for ever
      files      4 bytes, encrypted
      compute    algorithms did:op:0000000000000000000000000000000000000000000000000000000000000000; without network
      asks for   points
      access     only 0x0DB823218e337a6817e6D7740eb17635DEAdafAF
    ");
}

#[test]
fn what_is_no_asset() {
    let folder = Folder::new();
    folder.file("none.json", "{}").file("half.json", replaced(ASSET, "\"timeout\": 86400", "\"timeout\": \"soon\""));
    insta::assert_snapshot!(folder.ocean("ddo show none.json half.json"), @r#"
    exit 2
    --- stderr
    error: none.json: the document does not have the form of a DDO: missing field `id`
     help: `ocean ddo validate` lists all that is wrong, with lines
    error: half.json: the document does not have the form of a DDO: invalid type: string "soon", expected a JSON number
     help: `ocean ddo validate` lists all that is wrong, with lines
    "#);
}

#[test]
fn json_for_machines() {
    let folder = Folder::new();
    let (code, summary) = folder.json("ddo show served.json");
    assert_eq!(code, 0);
    assert_eq!(summary["didMatches"], json!(true));
    assert_eq!(summary["services"][0]["timeout"], json!(86_400));
    assert_eq!(
        summary["indexed"],
        json!({
            "fields": ["nft", "event", "stats", "purgatory", "indexedMetadata"],
            "state": 4,
            "stateMeaning": "ordering of the asset is disabled for the time being",
            "owner": "0x0DB823218e337a6817e6D7740eb17635DEAdafAF",
            "orders": 36,
            "price": "2.5 OCEAN",
        })
    );
}
