use ocean_crypto::{Error, Flags, PrivateKey, payload};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::{bytes, json, key, text};

const LIMIT: usize = 1 << 20;

fn lzma(payload: &[u8]) -> Result<Vec<u8>, Error> {
    payload::decode(payload, Flags::LZMA, None, LIMIT)
}

#[track_caller]
fn check_damaged(payload: &[u8]) {
    let result = lzma(payload);
    assert!(matches!(result, Err(Error::Decompress(_))), "{result:?}");
}

#[test]
fn refuses_what_is_not_compressed() {
    check_damaged(b"");
    check_damaged(b"{\"id\":\"did:op:0\"}");
    check_damaged(b"\xFD7zXZ\0");
    check_damaged(&[255; 200]);
}

#[test]
fn refuses_cut_payloads() {
    let fixture = json(include_str!("../fixtures/peers/lzma-python.json"));
    for case in fixture["good"].as_array().unwrap() {
        let (document, payload) = (bytes(case, "document"), bytes(case, "payload"));
        for length in (0..payload.len()).step_by(3) {
            let whole = match lzma(&payload[..length]) {
                Err(error) => matches!(error, Error::Decompress(_)),
                // A whole first stream is a document by itself; the checksum on chain tells it from the real one.
                Ok(read) if case["name"] == "two streams" => document.strip_suffix(b"second") == Some(&read),
                // With its length in the header, the legacy form does not need its end mark of a few bytes.
                Ok(read) => read == document && length + 8 > payload.len() && case["name"] == "legacy, known length",
            };
            assert!(whole, "{} cut to {length} of {}", case["name"], payload.len());
        }
    }
}

#[test]
fn a_bomb_ends_at_the_limit() {
    let fixture = json(include_str!("../fixtures/peers/lzma-python.json"));
    let bombs = fixture["bombs"].as_array().unwrap();
    assert_eq!(bombs.len(), 2);
    for bomb in bombs {
        let payload = bytes(bomb, "payload");
        assert!(payload.len() < 8000);
        assert_eq!(lzma(&payload), Err(Error::TooLong { limit: LIMIT }));
        let length = usize::try_from(bomb["length"].as_u64().unwrap()).unwrap();
        let limit = |limit| payload::decode(&payload, Flags::LZMA, None, limit);
        assert_eq!(limit(length - 1), Err(Error::TooLong { limit: length - 1 }));
        assert_eq!(limit(length).unwrap().len(), length);
    }
}

#[test]
fn a_huge_dictionary_is_refused_before_it_is_made() {
    let fixture = json(include_str!("../fixtures/peers/lzma-python.json"));
    let payloads = fixture["hugeDictionaries"].as_array().unwrap();
    assert_eq!(payloads.len(), 2);
    for payload in payloads {
        check_damaged(&hex::decode(payload.as_str().unwrap()).unwrap());
    }
}

#[test]
fn the_limit_holds_for_every_flag() {
    let key = PrivateKey::random();
    for flags in 0..4 {
        let payload = payload::encode(&[b'a'; 100], Flags(flags), &key.public_key()).unwrap();
        let decode = |limit| payload::decode(&payload, Flags(flags), Some(&key), limit);
        assert_eq!(decode(99), Err(Error::TooLong { limit: 99 }), "flags {flags}");
        assert_eq!(decode(100).unwrap().len(), 100, "flags {flags}");
        assert_eq!(decode(usize::MAX).unwrap().len(), 100, "flags {flags}");
    }
}

#[test]
fn encrypted_payloads_need_the_right_key() {
    let payload = payload::encode(b"document", Flags(3), &PrivateKey::random().public_key()).unwrap();
    assert_eq!(payload::decode(&payload, Flags(3), None, LIMIT), Err(Error::KeyNeeded));
    assert_eq!(payload::decode(&payload, Flags(3), Some(&PrivateKey::random()), LIMIT), Err(Error::Decrypt));
}

#[test]
fn unknown_flags_are_read_but_never_written() {
    let public = PrivateKey::random().public_key();
    assert_eq!(payload::encode(b"x", Flags(4), &public), Err(Error::Flags("4".to_owned())));
    assert_eq!(payload::decode(b"x", Flags(4), None, LIMIT), Ok(b"x".to_vec()));
}

#[test]
fn reads_what_python_compressed() {
    let fixture = json(include_str!("../fixtures/peers/lzma-python.json"));
    let cases = fixture["good"].as_array().unwrap();
    assert_eq!(cases.len(), 11);
    for case in cases {
        assert_eq!(lzma(&bytes(case, "payload")), Ok(bytes(case, "document")), "{}", case["name"]);
    }
}

#[test]
fn reads_documents_of_a_python_provider() {
    let fixture = json(include_str!("../fixtures/provider-2.1.6/documents.json"));
    let key = key(&fixture, "privateKey");
    let cases = fixture["decrypt"].as_array().unwrap();
    assert_eq!(cases.len(), 3);
    for case in cases {
        let flags = Flags(u8::try_from(case["flags"].as_u64().unwrap()).unwrap());
        let document = payload::decode(&bytes(case, "encryptedDocument"), flags, Some(&key), LIMIT).unwrap();
        assert_eq!(Sha256::digest(&document).to_vec(), bytes(case, "documentHash"));
        assert_eq!(String::from_utf8(document).unwrap(), text(case, "document"));
    }
}

#[test]
fn compresses() {
    let document = "{\"name\":\"ocean\"}".repeat(500);
    let payload = payload::encode(document.as_bytes(), Flags::LZMA, &PrivateKey::random().public_key()).unwrap();
    assert!(payload.len() < 200, "{} bytes", payload.len());
    assert_eq!(payload[..8], *b"\xFD7zXZ\0\0\x04", "xz with CRC64, as Python writes it");
}

#[test]
fn reads_its_own_documents_around_the_sizes_of_dictionaries() {
    let public = PrivateKey::random().public_key();
    for length in [0, 1, 4095, 4096, 4097, 65_536, 65_537, 600_000] {
        let document: Vec<u8> = (0..length).map(|index: u32| (index.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let payload = payload::encode(&document, Flags::LZMA, &public).unwrap();
        assert_eq!(lzma(&payload), Ok(document), "{length}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn reads_its_own(document: Vec<u8>, flags in 0_u8..4) {
        let key = PrivateKey::random();
        let payload = payload::encode(&document, Flags(flags), &key.public_key()).unwrap();
        prop_assert_eq!(payload::decode(&payload, Flags(flags), Some(&key), LIMIT), Ok(document));
    }

    #[test]
    fn damaged_payloads_never_panic_or_exceed_the_limit(index: prop::sample::Index, bits in 1_u8.., which in 0_usize..11) {
        let fixture = json(include_str!("../fixtures/peers/lzma-python.json"));
        let mut payload = bytes(&fixture["good"][which], "payload");
        let index = index.index(payload.len());
        payload[index] ^= bits;
        if let Ok(document) = payload::decode(&payload, Flags::LZMA, None, 4096) {
            prop_assert!(document.len() <= 4096);
        }
    }
}
