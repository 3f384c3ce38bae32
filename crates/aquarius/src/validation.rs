//! Which rules a document is judged by: Aquarius' for the versions it knows, ddo.js' for the later ones.

use std::collections::BTreeMap;

use ocean_ddo::{
    RawDdo, Version,
    validate::{Profile, validate},
};

/// What there is to say about a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Valid,
    NoVersion,
    UnknownVersion(String),
    /// One message for each path.
    Invalid(BTreeMap<String, String>),
}

/// Judges a document.
pub(crate) fn judge(raw: &RawDdo) -> Verdict {
    let Some(version) = raw.version() else {
        return Verdict::NoVersion;
    };
    let profile = match version {
        Version::V4_0_0 | Version::V4_1_0 | Version::V4_3_0 | Version::V4_5_0 => Profile::Aquarius,
        Version::V4_7_0 | Version::V5_0_0 => Profile::DdoJs,
        other => return Verdict::UnknownVersion(other.as_str().to_owned()),
    };
    let report = validate(raw, profile);
    if report.valid {
        return Verdict::Valid;
    }
    if report.is_unsupported() {
        return Verdict::UnknownVersion(version.as_str().to_owned());
    }
    let errors = match profile {
        Profile::Aquarius => report.aquarius_errors(),
        _ => report.ddojs_errors().into_iter().map(|(key, texts)| (key, texts.join("; "))).collect(),
    };
    Verdict::Invalid(errors)
}
