//! The rules as JSON Schema 2020-12, one file per version: for editors, forms and validators in other languages.
//!
//! The files are made from the table that [`validate`](crate::validate) reads, and are committed in `schemas/`.
//! A schema describes documents as they should be written: one value is a value, a list is an array.
//! It is neither of the peers' verdicts:
//!
//! | | ddo.js | the schema | [`Strict`](crate::validate::Profile::Strict) |
//! |---|---|---|---|
//! | one value for a list, a list of one for a value, nested lists | valid | invalid | invalid |
//! | `{"@value": …}` for a value, a scalar for an object that needs no field | valid | invalid | invalid |
//! | `{"@id": …}` for an object | its name, and nothing else when it is not absolute | one unknown field | as ddo.js |
//! | `null` among the items of a list | absent | invalid | absent |
//! | equal values in a list | count once | count each | count once |
//! | lengths | UTF-16 units | characters | UTF-16 units |
//! | JSON-LD keywords that JSON-LD refuses | invalid | valid | invalid |
//! | an object deeper down that says `"@type": "DDO"` | checked as a document | valid | valid |
//! | an address that is none, or with a wrong checksum | invalid | valid | invalid |
//! | a DID that does not belong to the address and chain, dates, URLs, enums, equal ids, equal keys | not looked at | not looked at | checked |
//! | another version | its own rules | invalid | its own rules |
//!
//! 4.0.0 is known to Aquarius only, and its schema follows Aquarius; the others follow ddo.js.

mod generate;

pub use generate::generate;

use crate::Version;

/// The JSON Schema of a version, as JSON text; nothing for versions without rules.
///
/// ```
/// use ocean_ddo::{Version, schema::json_schema};
///
/// let schema: serde_json::Value = serde_json::from_str(json_schema(&Version::V4_7_0).unwrap_or_default())?;
/// assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
/// assert_eq!(schema["properties"]["version"]["const"], "4.7.0");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub const fn json_schema(version: &Version) -> Option<&'static str> {
    match version {
        Version::V4_0_0 => Some(include_str!("../schemas/4.0.0.json")),
        Version::V4_1_0 => Some(include_str!("../schemas/4.1.0.json")),
        Version::V4_3_0 => Some(include_str!("../schemas/4.3.0.json")),
        Version::V4_5_0 => Some(include_str!("../schemas/4.5.0.json")),
        Version::V4_7_0 => Some(include_str!("../schemas/4.7.0.json")),
        Version::V5_0_0 => Some(include_str!("../schemas/5.0.0.json")),
        _ => None,
    }
}

/// The versions that have a schema, oldest first.
pub const VERSIONS: [Version; 6] =
    [Version::V4_0_0, Version::V4_1_0, Version::V4_3_0, Version::V4_5_0, Version::V4_7_0, Version::V5_0_0];
