use jiff::Timestamp;
use ocean_ddo::{AssetType, Metadata, ServiceType};
use ocean_primitives::{Address, ChainId};

use super::*;

fn document(ids: &[&str]) -> Ddo {
    let metadata = Metadata::new(
        AssetType::Dataset,
        "Tides of a year",
        "Water levels by the hour",
        "somebody",
        "CC-BY",
        Timestamp::UNIX_EPOCH,
    );
    let services = ids.iter().map(|id| {
        let id = ServiceId::new(*id).unwrap();
        Service::new(id, ServiceType::Access, "0x04", Address::repeat_byte(2), "https://provider.example", 0)
    });
    let builder = Ddo::builder(Address::repeat_byte(1), ChainId::DEVELOPMENT, metadata);
    services.fold(builder, |builder, service| builder.service(service)).build().unwrap()
}

#[track_caller]
fn check(ids: &[&str], wanted: Option<&str>, expected: Result<u64, &str>) {
    let ddo = document(ids);
    let wanted = wanted.map(|id| ServiceId::new(id).unwrap());
    let found = service(&ddo, wanted.as_ref()).map(|(index, _)| index).map_err(|error| error.to_string());
    match (&found, expected) {
        (Ok(index), Ok(expected)) if *index == expected => {}
        (Err(text), Err(part)) if text.contains(part) => {}
        _ => panic!("expected {expected:?}, saw {found:?}"),
    }
}

#[test]
fn a_service_is_named_or_the_only_one() {
    check(&["a", "b"], Some("c"), Err("has no service `c`; it has: `a`, `b`"));
    check(&["a", "b"], None, Err("has 2 services"));
    check(&["a", "b"], Some("b"), Ok(1));
    check(&["a"], None, Ok(0));
}
