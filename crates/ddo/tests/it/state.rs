use ocean_ddo::AssetState;

#[track_caller]
fn check(state: u8, discoverable: bool, orderable: bool, listed: bool, decryptable: bool) {
    let parsed = AssetState::try_from(state).unwrap();
    assert_eq!(u8::from(parsed), state);
    let ours = (parsed.discoverable(), parsed.orderable(), parsed.listed(), parsed.decryptable());
    assert_eq!(ours, (discoverable, orderable, listed, decryptable), "{parsed:?}: {}", parsed.description());
}

#[test]
fn what_each_state_allows() {
    for unknown in [6, 7, 255] {
        assert_eq!(
            AssetState::try_from(unknown).unwrap_err().to_string(),
            format!("{unknown} is not a state of an asset: states are 0 to 5")
        );
    }
    check(0, true, true, true, true);
    check(1, true, false, false, false);
    check(2, false, false, false, false);
    check(3, false, false, false, false);
    check(4, true, false, true, true);
    check(5, false, true, true, true);
}
