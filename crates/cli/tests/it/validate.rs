use serde_json::json;

use crate::{ASSET, ASSET_5, Folder, replaced};

#[test]
fn valid_documents() {
    let folder = Folder::new();
    insta::assert_snapshot!(folder.ocean("ddo validate asset.json asset-5.json served.json"), @r"
    exit 0
    --- stdout
    asset.json: valid (strict, version 4.7.0)
    asset-5.json: valid (strict, version 5.0.0)
    served.json: valid (strict, version 4.7.0)
    ");
    insta::assert_snapshot!(folder.ocean("ddo validate --profile ddojs asset.json asset-5.json"), @r"
    exit 0
    --- stdout
    asset.json: valid (ddojs, version 4.7.0)
    asset-5.json: valid (ddojs, version 5.0.0)
    ");
    insta::assert_snapshot!(folder.ocean_with("ddo validate -", ASSET.as_bytes()), @r"
    exit 0
    --- stdout
    stdin: valid (strict, version 4.7.0)
    ");
}

#[test]
fn findings_stand_on_their_lines() {
    let folder = Folder::new();
    let bad = replaced(ASSET, "\"2026-01-02T03:04:05Z\"", "\"yesterday\"");
    let bad = replaced(&bad, "    \"author\": \"Jane\",\n", "");
    let bad = replaced(&bad, "\"https://provider.example\"", "\"provider\"");
    let bad = replaced(&bad, "\"chainId\": 137", "\"chainId\": 1");
    folder.file("bad.json", bad);
    insta::assert_snapshot!(folder.ocean("ddo validate bad.json"), @r#"
    exit 1
    --- stdout
    error[did]: /id must be derived from nftAddress and chainId
     --> bad.json:5:9
    5 | "id": "did:op:fa0e8fa9550e8eb13392d6eeb9ba9f8111801b332c8d2345b350…
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = derive it from nftAddress and chainId (rule of specification, Aquarius for 4.7.0)

    error[minCount]: /metadata/author is missing
     --> bad.json:9:15
    9 | "metadata": {
      |             ^
      = add it (rule of ddo.js, Aquarius for 4.0.0, 4.1.0, 4.3.0, 4.5.0, 4.7.0)

    error[date]: /metadata/created must be an ISO 8601 date and time
      --> bad.json:10:16
    10 | "created": "yesterday",
       |            ^^^^^^^^^^^
       = write it as 2026-01-31T12:00:00Z (rule of specification, Aquarius for 4.7.0)

    error[minLength]: /services/0/serviceEndpoint must have at least 10 UTF-16 units, has 8
      --> bad.json:27:26
    27 | "serviceEndpoint": "provider",
       |                    ^^^^^^^^^^
       = write more (rule of ddo.js, Aquarius for 4.3.0, 4.5.0, 4.7.0)

    error[url]: /services/0/serviceEndpoint must be an http or https URL
      --> bad.json:27:26
    27 | "serviceEndpoint": "provider",
       |                    ^^^^^^^^^^
       = write the whole address, with https:// (rule of specification for 4.7.0)

    bad.json: invalid (strict, version 4.7.0, 5 findings)
    "#);
    insta::assert_snapshot!(folder.ocean("ddo validate bad.json --profile ddojs"), @r#"
    exit 1
    --- stdout
    error[consistency]: /id did is not valid for chain Id and nft address
     --> bad.json:5:9
    5 | "id": "did:op:fa0e8fa9550e8eb13392d6eeb9ba9f8111801b332c8d2345b350…
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = make it agree with the other members (rule of ddo.js for 4.7.0)

    error[minCount]: /metadata/author is missing
     --> bad.json:9:15
    9 | "metadata": {
      |             ^
      = add it (rule of ddo.js, Aquarius for 4.0.0, 4.1.0, 4.3.0, 4.5.0, 4.7.0)

    error[minLength]: /services/0/serviceEndpoint must have at least 10 UTF-16 units, has 8
      --> bad.json:27:26
    27 | "serviceEndpoint": "provider",
       |                    ^^^^^^^^^^
       = write more (rule of ddo.js, Aquarius for 4.3.0, 4.5.0, 4.7.0)

    bad.json: invalid (ddojs, version 4.7.0, 3 findings)
    "#);
}

#[test]
fn findings_in_one_long_line() {
    let folder = Folder::new();
    let value: serde_json::Value = serde_json::from_str(ASSET).unwrap();
    // What would reorder the line or clear the screen stands around the finding, as a stranger would put it there.
    let around = "\"x\":\"\u{e9}\u{1f600}\u{202e}\u{9b}2J\",\"license\":7,\"y\":\"\u{feff}\"";
    folder.file("line.json", replaced(&value.to_string(), "\"license\":\"CC0\"", around));
    insta::assert_snapshot!(folder.ocean("ddo validate line.json"), @r#"
    exit 1
    --- stdout
    error[type]: /metadata/license must be written as a string
     --> line.json:1:426
    1 | …,"author":"Jane","x":"é😀\u{202e}\u{9b}2J","license":7,"y":"\u{feff}","tags":["optimisation","test"]},"servi…
      |                                                      ^
      = write it as that type, not as another one or in quotes (rule of specification, ocean-ddo for 4.7.0)

    error[datatype]: /metadata/license must be a text
     --> line.json:1:426
    1 | …,"author":"Jane","x":"é😀\u{202e}\u{9b}2J","license":7,"y":"\u{feff}","tags":["optimisation","test"]},"servi…
      |                                                      ^
      = write it as that type, not as another one or in quotes (rule of ddo.js, Aquarius for 4.0.0, 4.1.0, 4.3.0, 4.5.0, 4.7.0)

    line.json: invalid (strict, version 4.7.0, 2 findings)
    "#);
}

#[test]
fn windows_lines_and_tabs() {
    let folder = Folder::new();
    let bad = replaced(ASSET, "\"type\": \"dataset\"", "\"type\":\t\"picture\"").replace('\n', "\r\n");
    folder.file("bad.json", bad);
    insta::assert_snapshot!(folder.ocean("ddo validate bad.json"), @r#"
    exit 1
    --- stdout
    error[enum]: /metadata/type must be dataset or algorithm
      --> bad.json:12:13
    12 | "type": "picture",
       |         ^^^^^^^^^
       = use one of these words (rule of specification for 4.7.0)

    bad.json: invalid (strict, version 4.7.0, 1 finding)
    "#);
}

#[test]
fn versions_without_rules() {
    let folder = Folder::new();
    folder.file("none.json", "{}");
    insta::assert_snapshot!(folder.ocean("ddo validate none.json"), @r"
    exit 1
    --- stdout
    error[version]: /version must be 4.0.0, 4.1.0, 4.3.0, 4.5.0, 4.7.0, 5.0.0 or deprecated
     --> none.json:1:1
    1 | {}
      | ^
      = use a version that the reader knows, or convert the document (rule of ocean-ddo)

    none.json: invalid (strict, no version, 1 finding)
    ");
    insta::assert_snapshot!(folder.ocean("ddo validate --profile aquarius asset.json asset-5.json"), @r#"
    exit 1
    --- stdout
    error[version]: /version Can't find schema 4.7.0.
     --> asset.json:6:14
    6 | "version": "4.7.0",
      |            ^^^^^^^
      = use a version that the reader knows, or convert the document (rule of Aquarius for 4.0.0, 4.1.0, 4.3.0, 4.5.0)

    asset.json: invalid (aquarius, version 4.7.0, 1 finding)
    error[version]: /version Can't find schema 5.0.0.
     --> asset-5.json:6:14
    6 | "version": "5.0.0",
      |            ^^^^^^^
      = use a version that the reader knows, or convert the document (rule of Aquarius for 4.0.0, 4.1.0, 4.3.0, 4.5.0)

    asset-5.json: invalid (aquarius, version 5.0.0, 1 finding)
    "#);
}

#[test]
fn the_worst_input_decides_the_exit_code() {
    let folder = Folder::new();
    folder.file("bad.json", replaced(ASSET, "\"chainId\": 137", "\"chainId\": 1"));
    let code = |line: &str| folder.run(line).status.code().unwrap();
    assert_eq!(code("ddo validate asset.json asset-5.json"), 0);
    assert_eq!(code("ddo validate asset.json bad.json asset-5.json"), 1);
    assert_eq!(code("ddo validate missing.json bad.json asset.json"), 2);
    assert_eq!(code("ddo validate asset.json missing.json"), 2);
    // ddo.js lets a DID pass that does not belong to the chain, Aquarius does not.
    assert_eq!(code("ddo validate bad.json --profile ddojs"), 0);
    // What cannot be used does not keep the others from being judged.
    insta::assert_snapshot!(folder.ocean("ddo validate missing.json bad.json asset.json"), @r#"
    exit 2
    --- stdout
    error[did]: /id must be derived from nftAddress and chainId
     --> bad.json:5:9
    5 | "id": "did:op:fa0e8fa9550e8eb13392d6eeb9ba9f8111801b332c8d2345b350…
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = derive it from nftAddress and chainId (rule of specification, Aquarius for 4.7.0)

    bad.json: invalid (strict, version 4.7.0, 1 finding)
    asset.json: valid (strict, version 4.7.0)
    --- stderr
    error: missing.json: there is no such file
     help: check the path; `-` reads stdin, and a URL begins with http:// or https://
    "#);
}

#[test]
fn json_for_machines() {
    let folder = Folder::new();
    folder.file("bad.json", replaced(ASSET, "\"name\": \"Branin\"", "\"name\": \"B\""));
    let (code, mut report) = folder.json("ddo validate bad.json --profile ddojs");
    assert_eq!(code, 1);
    let finding = &mut report["violations"][0];
    assert_eq!((&finding["pointer"], &finding["key"]), (&json!("/metadata/name"), &json!("metadata")));
    assert_eq!((&finding["line"], &finding["column"]), (&json!(13), &json!(13)));
    assert_eq!(
        report["errors"],
        json!({ "metadata": ["Value does not have shape <http://schema.org/MetadataShape>"] })
    );
    assert_eq!(report["valid"], json!(false));
    let (code, report) = folder.json("ddo validate asset.json");
    assert_eq!(code, 0);
    assert_eq!(
        report,
        json!({ "input": "asset.json", "profile": "strict", "version": "4.7.0", "supported": true, "valid": true, "violations": [] })
    );
    // One line for each input, and an error is a line on the other stream.
    insta::assert_snapshot!(folder.ocean("ddo validate asset.json missing.json asset-5.json --format json"), @r#"
    exit 2
    --- stdout
    {"input":"asset.json","profile":"strict","version":"4.7.0","supported":true,"valid":true,"violations":[]}
    {"input":"asset-5.json","profile":"strict","version":"5.0.0","supported":true,"valid":true,"violations":[]}
    --- stderr
    {"error":"there is no such file","input":"missing.json","hint":"check the path; `-` reads stdin, and a URL begins with http:// or https://"}
    "#);
    assert!(!ASSET_5.is_empty());
}
