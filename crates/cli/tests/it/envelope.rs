use crate::Folder;

fn folder() -> Folder {
    let folder = Folder::new();
    folder
        .file("signed.jwt", include_str!("../fixtures/signed.jwt"))
        .file("envelope.json", include_str!("../fixtures/envelope.json"));
    folder
}

#[test]
fn signed_documents_are_read_and_the_signature_is_said_to_be_unverified() {
    let folder = folder();
    insta::assert_snapshot!(folder.ocean("ddo validate signed.jwt envelope.json"), @r"
    exit 0
    --- stdout
    signed.jwt: valid (strict, version 5.0.0)
    envelope.json: valid (strict, version 5.0.0)
    --- stderr
    note: signed.jwt: reading the document signed by did:web:issuer.example (ETH-EIP191); the signature is not verified
    note: envelope.json: reading the document signed by did:web:issuer.example (ETH-EIP191); the signature is not verified
    ");
    insta::assert_snapshot!(folder.ocean("ddo validate signed.jwt --format json"), @r#"
    exit 0
    --- stdout
    {"input":"signed.jwt","profile":"strict","version":"5.0.0","supported":true,"valid":true,"violations":[]}
    --- stderr
    {"note":"signed.jwt: reading the document signed by did:web:issuer.example (ETH-EIP191); the signature is not verified"}
    "#);
    insta::assert_snapshot!(folder.ocean("ddo diff signed.jwt asset-5.json"), @r"
    exit 0
    --- stderr
    note: signed.jwt: reading the document signed by did:web:issuer.example (ETH-EIP191); the signature is not verified
    note: no field differs, but the bytes do (white space, order of keys, escapes), and with them the checksum
    ");
    // On chain is the hash of the envelope.
    insta::assert_snapshot!(folder.ocean("ddo checksum envelope.json signed.jwt"), @r"
    exit 2
    --- stdout
    0xaa0456b5c3ed5accb8f40e6f29a7d20085c5038cdcb96764056d4d5df40fba9b  envelope.json
    --- stderr
    error: signed.jwt:1:1: it is not JSON: expected a value
     help: this looks like a signed document (a JWT), which is three parts between points; its hash on chain is that of the object around it
    ");
}

#[test]
fn documents_that_are_elsewhere_or_locked() {
    let folder = folder();
    folder
        .file("ipfs.json", r#"{"remote": {"type": "ipfs", "hash": "QmHash"}}"#)
        .file("url.json", r#"{"remote": {"type": "url", "url": "https://secret.example/?token=1", "method": "GET"}}"#)
        .file("odd.json", r#"{"remote": 1}"#)
        .file("locked.json", r#"{"encryptedData": "0x04ff"}"#)
        .file("broken.json", r#"{"encryptedData": "04ff"}"#)
        .file("broken.jwt", "eyJhbGciOiJub25lIn0.e30");
    insta::assert_snapshot!(folder.ocean("ddo show ipfs.json url.json odd.json locked.json broken.json broken.jwt"), @r"
    exit 2
    --- stderr
    error: ipfs.json: this says where the document is, and is not the document itself
     help: the document is on IPFS: give the URL of QmHash at a gateway
    error: url.json: this says where the document is, and is not the document itself
     help: fetch the document from there, and name that file
    error: odd.json: malformed remote document: `remote` is no file object
     help: ask whoever made it for the document itself
    error: locked.json: the document is encrypted
     help: the Provider of the asset decrypts it for whoever may read it; a document that an indexer serves is decrypted
    error: broken.json: malformed encrypted document: `encryptedData` is not 0x and pairs of hexadecimal digits
     help: ask whoever made it for the document itself
    error: broken.jwt:1:1: it is not JSON: expected a value
     help: this looks like a signed document (a JWT), which is three parts between points; its hash on chain is that of the object around it
    ");
    insta::assert_snapshot!(folder.ocean("ddo checksum ipfs.json"), @r"
    exit 0
    --- stdout
    0x02609a1ff06a4320f5d241a729713d2c6dda198dfd9763630fe520e6cb8e332f  ipfs.json
    ");
}
