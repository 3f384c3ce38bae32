use serde_json::json;

use crate::{ASSET, Folder};

#[test]
fn of_the_bytes() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.ocean("ddo checksum asset.json asset-5.json"), @r"
    exit 0
    --- stdout
    0xa3d6258487a195e37a678ce7c68fa8b4f238554ba350126f0d4fb42298305051  asset.json
    0x57a2d0f5f250ad3bcc8d7a99e9def73e325be2ce13dbaf3cd1992dad56726d5f  asset-5.json
    ");
    // That of `sha256sum`, whatever the way the bytes come.
    insta::assert_snapshot!(folder.ocean_with("ddo checksum -", b"{}"), @r"
    exit 0
    --- stdout
    0x44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a  stdin
    ");
    insta::assert_snapshot!(folder.ocean_with("ddo checksum -", b"{}\n"), @r"
    exit 0
    --- stdout
    0xca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356  stdin
    ");
}

#[test]
fn of_every_form() {
    let folder = Folder::new();
    folder.file("odd.json", "{\"b\": 1.0, \"1\": \"\u{e9}\", \"a\": 1e16}");
    insta::assert_snapshot!(folder.ocean("ddo checksum odd.json --of bytes,hex-text,javascript,python"), @r"
    exit 0
    --- stdout
    bytes       0x13da88cb4f9d1b8ee41d9b48c9350712de835c8e07ed939901d813e0701239a6  odd.json
    hex-text    0xc4ca0d36d973617c24a3682f4281edb4548d2d905a845aaf6eb4f6fcd9b0f65d  odd.json
    javascript  0xc4ba385af125e94c4f06526f2853ed33ab673c24d209858217e41497c04d8970  odd.json
    python      0x3197f9a9f41af648d3a92f05ee1ebe98b6cb2da7ccb3a3009d48255b7a541584  odd.json
    ");
    insta::assert_snapshot!(folder.ocean("ddo checksum odd.json --of python"), @r"
    exit 0
    --- stdout
    0x3197f9a9f41af648d3a92f05ee1ebe98b6cb2da7ccb3a3009d48255b7a541584  odd.json
    ");
    // The texts those are of.
    insta::assert_snapshot!(folder.ocean_with("ddo checksum -", "{\"1\":\"\u{e9}\",\"b\":1,\"a\":10000000000000000}".as_bytes()), @r"
    exit 0
    --- stdout
    0xc4ba385af125e94c4f06526f2853ed33ab673c24d209858217e41497c04d8970  stdin
    ");
    insta::assert_snapshot!(folder.ocean_with("ddo checksum -", b"{\"b\":1.0,\"1\":\"\\u00e9\",\"a\":1e+16}"), @r"
    exit 0
    --- stdout
    0x3197f9a9f41af648d3a92f05ee1ebe98b6cb2da7ccb3a3009d48255b7a541584  stdin
    ");
}

#[test]
fn of_what_was_published() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.ocean("ddo checksum served.json"), @r"
    exit 0
    --- stdout
    0x333ea1e9c644da18609f4212eaefdd0336bf4ecdf594f76ea40670fed160cf63  served.json
    --- stderr
    note: served.json: an indexer added nft, event, stats, purgatory, indexedMetadata; for the hash of what was published add --published
    ");
    insta::assert_snapshot!(folder.ocean("ddo checksum served.json --published"), @r"
    exit 0
    --- stdout
    0x47a065d99f2836cea300daacfdccf5a3f899b4eae6ece397a163519b285335f6  served.json
    --- stderr
    note: served.json: left out nft, event, stats, purgatory, indexedMetadata
    ");
}

#[test]
fn which_form_has_a_hash() {
    let folder = Folder::new();
    let (code, found) = folder.json("ddo checksum asset.json --of bytes,hex-text,javascript,python");
    assert_eq!(code, 0);
    assert_eq!(found["size"], json!(ASSET.len()));
    for form in ["bytes", "hex-text", "javascript"] {
        let hash = found["checksums"][form].as_str().unwrap();
        let (code, answer) = folder.json(&format!("ddo checksum asset.json --expect {hash}"));
        assert_eq!((code, &answer["matches"]), (0, &json!(form)));
    }
    let other = format!("ddo checksum asset.json --expect 0x{}", "00".repeat(32));
    assert_eq!(folder.json(&other).1["matches"], json!(null));
    insta::assert_snapshot!(folder.ocean(&other), @r"
    exit 1
    --- stdout
    asset.json: none of these
      bytes       0xa3d6258487a195e37a678ce7c68fa8b4f238554ba350126f0d4fb42298305051
      hex-text    0x24311f8a38161f8514629e4a95dca50252e7b34a4f0b11fdd0999fa465593c29
      javascript  0x82ee050e30c3ca5cde30b133cfe6ab25e51faf65044d7c5d0db11ebf1836f384
      python      0x82ee050e30c3ca5cde30b133cfe6ab25e51faf65044d7c5d0db11ebf1836f384
    ");
    insta::assert_snapshot!(folder.ocean("ddo checksum asset.json --expect 0x12"), @r"
    exit 2
    --- stderr
    error: invalid value '0x12' for '--expect <HASH>': invalid string length

    For more information, try '--help'.
    ");
}
