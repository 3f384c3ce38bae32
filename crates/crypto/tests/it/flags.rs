use ocean_crypto::{Error, Flags};

#[track_caller]
fn check(bytes: &[u8], expected: Flags) {
    assert_eq!(Flags::from_bytes(bytes), Ok(expected));
}

#[test]
fn refuses_numbers_above_a_byte() {
    assert_eq!(Flags::from_bytes(&[1, 0]), Err(Error::Flags("0x0100".to_owned())));
    assert_eq!(Flags::from_bytes(&[255; 100]), Err(Error::Flags(format!("0x{}", "ff".repeat(32)))));
}

#[test]
fn reads_what_events_hold() {
    check(&[], Flags::PLAIN);
    check(&[0], Flags::PLAIN);
    check(&[1], Flags::LZMA);
    check(&[2], Flags::ECIES);
    check(&[3], Flags::LZMA.with(Flags::ECIES));
    check(&[[0; 31].as_slice(), &[2]].concat(), Flags::ECIES);
    assert_eq!(Flags::ECIES.to_bytes(), [2]);
    assert!(Flags(3).is_compressed() && Flags(3).is_encrypted());
    assert!(!Flags(4).is_compressed() && !Flags(4).is_encrypted());
}
