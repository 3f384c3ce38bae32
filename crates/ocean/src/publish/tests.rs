use super::*;

const TOKEN: Address = Address::repeat_byte(0xba);

#[track_caller]
fn check(rate: &str, market_fee: &str, collector: Option<Address>, decimals: u8, refusal: Option<&str>) {
    let pricing = Pricing::FixedRate {
        base_token: TOKEN,
        rate: Rate::parse(rate).unwrap(),
        market_fee: FeeRate::from_percent(market_fee).unwrap(),
        market_fee_collector: collector,
    };
    let seen = pricing.check(decimals).err().map(|error| error.to_string());
    match (refusal, &seen) {
        (None, None) => {}
        (Some(part), Some(text)) if text.contains(part) => {}
        _ => panic!("expected {refusal:?}, saw {seen:?}"),
    }
}

#[test]
fn prices_that_are_a_mistake_are_refused() {
    check("0.9", "0", None, 0, Some("cost nothing"));
    check("0.0000005", "0", None, 6, Some("cost nothing"));
    check("0.000000009", "0", None, 18, Some("below the minimum"));
    check("1", "0.009", Some(TOKEN), 18, Some("below the minimum of 0.01 %"));
    check("1", "51", Some(TOKEN), 18, Some("above the maximum of 50 %"));
    check("1", "1", None, 18, Some("needs the address that receives it"));
    check("1", "1", Some(Address::ZERO), 18, Some("needs the address that receives it"));
}

#[test]
fn ordinary_prices_pass() {
    check("1", "0", None, 0, None);
    check("0.000001", "50", Some(TOKEN), 6, None);
    check("2.718281828459045235", "0.3333333333333333", Some(TOKEN), 18, None);
}

#[test]
fn the_defaults_are_a_valid_free_standing_asset() {
    let asset = PublishAsset::new("Tide", vec![FileObject::url("https://example.com/tide.csv")], Pricing::free());
    assert_eq!((asset.template.index(), asset.form, asset.state), (1, DocumentForm::Encrypted, AssetState::Active));
    assert!(asset.wait);
    assert!(!format!("{asset:?}").contains("example.com"), "{asset:?}");
    assert_eq!(asset.template(Template::Enterprise).template.index(), 2);
}
