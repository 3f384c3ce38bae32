//! Every row of the recording, against the four peers' columns.

use ocean_did::{Did, Method, address};
use ocean_primitives::ChainId;
use serde_json::Value;

/// The largest chain id of the recording has 256 bits, more than a `ChainId` holds: its rows go through the text form.
fn derive(method: Method, nft: &str, chain: &str) -> Result<Did, ocean_did::Error> {
    match chain.parse::<ChainId>() {
        Ok(chain) => Did::from_address_text(method, nft, chain),
        Err(_) => Ok(Did::hash(method, &address::ethers(nft)?.to_checksum(None), chain)),
    }
}

#[track_caller]
fn check_ddojs(row: &Value, column: &str, method: Method) {
    let ours = derive(method, row["address"].as_str().unwrap(), row["chainId"].as_str().unwrap());
    match (&row[column], ours) {
        (Value::String(theirs), Ok(ours)) => assert_eq!(theirs, ours.as_str(), "{row}"),
        (Value::Object(error), Err(ours)) => {
            assert_eq!(error["error"] == "bad address checksum", ours.is_bad_checksum(), "{row}");
        }
        (theirs, ours) => panic!("{theirs} is not {ours:?} in {row}"),
    }
}

#[test]
fn every_row_of_every_peer() {
    let text = include_str!("../fixtures/did.json");
    let file: Value = serde_json::from_str(text).unwrap();
    let rows = file["vectors"].as_array().unwrap();
    assert_eq!(rows.len(), 413);
    for row in rows {
        let (nft, chain) = (row["address"].as_str().unwrap(), row["chainId"].as_str().unwrap());
        check_ddojs(row, "ddojs_v4", Method::Op);
        if row.get("ddojs_v5").is_some() {
            check_ddojs(row, "ddojs_v5", Method::Ope);
        }
        let aquarius = address::eth_utils(nft).ok().map(|nft| Did::hash(Method::Op, &nft.to_checksum(None), chain));
        assert_eq!(row["aquarius_make_did"].as_str(), aquarius.as_ref().map(Did::as_str), "{row}");
        let as_given = match chain.parse() {
            Ok(chain) => Did::op_as_given(nft, chain),
            Err(_) => Did::hash(Method::Op, nft, chain),
        };
        assert_eq!(row["provider_compute_did"].as_str(), Some(as_given.as_str()), "{row}");
    }
}
