use ocean_did::{Did, Error, MAX_DID_BYTES, Method};
use ocean_primitives::{ChainId, address};
use proptest::prelude::*;

const GOOD: &str = "did:op:07d43f2fc13197e942dda6a9b0634660799ccb83b3991e2122b1acf6f93c29cf";

#[track_caller]
fn refused(text: &str, expected: &Error) {
    assert_eq!(&Did::parse(text).unwrap_err(), expected);
    assert!(serde_json::from_value::<Did>(text.into()).is_err());
}

#[track_caller]
fn lax_only(text: &str, expected: &Error) {
    assert_eq!(&Did::parse(text).unwrap().validate_strict().unwrap_err(), expected);
}

#[test]
fn what_no_peer_accepts_is_refused() {
    refused("", &Error::Prefix);
    refused("did:", &Error::Prefix);
    refused(" did:op:00", &Error::Prefix);
    refused("DID:OP:00", &Error::Prefix);
    refused("did:key:z6Mk", &Error::Prefix);
    refused("did:op:0 0", &Error::Character(8));
    refused("did:op:00\n", &Error::Character(9));
    refused("did:op:\0", &Error::Character(7));
    refused("did:op:\u{2028}", &Error::Character(7));
    refused(&format!("did:op:{}", "0".repeat(MAX_DID_BYTES)), &Error::TooLong(MAX_DID_BYTES + 7));
    refused(&format!("did:op:{}", "0".repeat(10_000_000)), &Error::TooLong(10_000_007));
}

#[test]
fn strict_wants_what_derivation_gives() {
    let op = Error::Digest { method: "did:op:" };
    lax_only("did:op", &Error::Prefix);
    lax_only("did:opera:1", &Error::Prefix);
    lax_only("did:op:", &op);
    lax_only(&GOOD.to_uppercase().replace("DID:OP:", "did:op:"), &op);
    lax_only(&GOOD[..70], &op);
    lax_only(&format!("{GOOD}0"), &op);
    lax_only(&GOOD.replace("07d4", "07g4"), &op);
    lax_only(&GOOD.replace("did:op:", "did:ope:0"), &Error::Digest { method: "did:ope:" });
}

#[test]
fn the_two_methods_differ_in_the_prefix_only() {
    let nft = address!("0xBB1081DbF3227bbB233Db68f7117114baBb43656");
    let chain = ChainId::new(1).unwrap();
    let (op, ope) = (Did::op(nft, chain), Did::ope(nft, chain));
    assert_eq!(op.as_str(), GOOD);
    assert_eq!((op.method(), ope.method()), (Method::Op, Method::Ope));
    assert_eq!(op.as_str().split_once("op:").unwrap().1, ope.as_str().split_once("ope:").unwrap().1);
    assert!(op.belongs_to(nft, chain) && ope.belongs_to(nft, chain));
    assert!(!op.belongs_to(nft, ChainId::DEVELOPMENT));
    assert!(!Did::parse(&GOOD.replace('d', "D").replace("DiD", "did")).unwrap().belongs_to(nft, chain));
    assert_eq!(format!("{op:?}"), format!("Did({GOOD})"));
    assert_eq!(format!("{op:>73}"), format!("  {GOOD}"));
}

proptest! {
    #[test]
    fn nothing_panics_and_what_parses_prints_back(text in "(did:op.{0,80}|.{0,90})") {
        if let Ok(did) = Did::parse(&text) {
            prop_assert_eq!(did.as_str(), &text);
            prop_assert_eq!(serde_json::from_str::<Did>(&serde_json::to_string(&did).unwrap()).unwrap(), did.clone());
            prop_assert_eq!(did.to_string().parse::<Did>().unwrap(), did);
        }
    }

    #[test]
    fn whatever_is_derived_is_strict(nft: [u8; 20], chain in 1_u64..) {
        let chain = ChainId::new(chain).unwrap();
        for did in [Did::op(nft.into(), chain), Did::ope(nft.into(), chain), Did::op_as_given("", chain)] {
            prop_assert!(did.validate_strict().is_ok());
            prop_assert_eq!(Did::parse(did.as_str()).unwrap(), did);
        }
    }
}
