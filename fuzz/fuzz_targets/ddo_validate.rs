//! Every profile gives a verdict on every document: reasons for a bad one, none for a good one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ocean_ddo::{
    RawDdo, limits,
    validate::{Profile, validate},
};

fuzz_target!(|text: &str| {
    let Ok(raw) = RawDdo::parse(text) else { return };
    for profile in [Profile::DdoJs, Profile::Aquarius, Profile::Strict] {
        let report = validate(&raw, profile);
        assert!(report.violations.len() <= limits::MAX_VIOLATIONS);
        assert!(report.valid == report.violations.is_empty(), "{profile:?}: {report:?}");
        assert!(!(report.valid && report.is_unsupported()));
        let peer = report.aquarius_errors().len() + report.ddojs_errors().len();
        assert!(!report.valid || peer == 0, "{profile:?}: {report:?}");
    }
});
