use ocean_did::{Did, Error, Method, address};
use ocean_primitives::ChainId;

#[track_caller]
fn refused(text: &str, bad_checksum: bool) {
    let error = address::ethers(text).unwrap_err();
    assert_eq!(error.is_bad_checksum(), bad_checksum, "{text}: {error}");
}

#[test]
fn a_wrong_checksum_is_told_from_no_address() {
    refused("0xbB1081DbF3227bbB233Db68f7117114baBb43656", true);
    refused("bB1081DbF3227bbB233Db68f7117114baBb43656", true);
    refused("XE66GB6LDNXYOFTX0NSV3FUWKOWIXAMJK36", true);
    refused("", false);
    refused("0x", false);
    refused("0x123", false);
    refused("0XBB1081DbF3227bbB233Db68f7117114baBb43656", false);
    refused("0xbb1081dbf3227bbb233db68f7117114babb4365g", false);
    refused(" 0xBB1081DbF3227bbB233Db68f7117114baBb43656", false);
    refused("0xBB1081DbF3227bbB233Db68f7117114baBb43656\n", false);
    refused("éééééééééééééééééééé", false);
    refused("XE65GB6LDNXYOFTX0NSV3FUWKOWIXAMJK3é", false);
    refused(&"XE00".repeat(100_000), false);
}

#[test]
fn an_icap_number_beyond_160_bits_is_no_address() {
    let body = "Z".repeat(31);
    let overflowing = (0..98).map(|check| format!("XE{check:02}{body}")).filter_map(|text| address::ethers(&text).ok());
    assert_eq!(overflowing.count(), 0);
}

#[test]
fn strict_wants_the_checksum() {
    assert!(address::strict("0xBB1081DbF3227bbB233Db68f7117114baBb43656").is_ok());
    assert!(address::strict("0xbb1081dbf3227bbb233db68f7117114babb43656").unwrap_err().is_bad_checksum());
    assert!(matches!(address::strict("BB1081DbF3227bbB233Db68f7117114baBb43656"), Err(Error::NotAnAddress(_))));
}

#[test]
fn an_error_repeats_little_of_what_was_given() {
    let error = address::ethers(&"x".repeat(1 << 20)).unwrap_err();
    assert!(error.to_string().len() < 200);
    let error = Did::from_address_text(Method::Op, &"é".repeat(1 << 20), ChainId::DEVELOPMENT).unwrap_err();
    assert!(error.to_string().len() < 300);
}
