//! `GET /api/aquarius/assets/ddo/<did>` and `GET /api/aquarius/assets/metadata/<did>`.

use ocean_did::Did;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What may not stand in a path segment. `:` stays as it is: every peer writes DIDs into paths with it.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// Path of the document of `did`.
pub fn path(did: &Did) -> String {
    format!("/api/aquarius/assets/ddo/{}", utf8_percent_encode(did.as_str(), SEGMENT))
}

/// Path of the metadata of `did`.
pub fn metadata_path(did: &Did) -> String {
    format!("/api/aquarius/assets/metadata/{}", utf8_percent_encode(did.as_str(), SEGMENT))
}

/// Whether the body of a 404 says that the asset does not exist, in any peer's words.
pub fn says_not_found(body: &str) -> bool {
    body.contains("not found in Elasticsearch") || body.contains("DDO not found")
}
