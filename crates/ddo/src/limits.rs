//! The bounds on what is read, so that hostile input costs little time and memory.
//!
//! Documents live in a transaction, so real ones have a few kilobytes; the bounds are far above them and far below trouble.

/// The most bytes of a document: 4 MiB.
///
/// ddo.js gives up (`RangeError`) somewhere below 5 MB.
pub const MAX_DOCUMENT_BYTES: usize = 4 << 20;

/// The most levels of arrays and objects inside one another.
///
/// ddo.js gives up below 3000. serde_json stops at 128, and what we pass on must be readable to others.
pub const MAX_NESTING: usize = 120;

/// The most JSON values (scalars, arrays and objects) of a document.
pub const MAX_VALUES: usize = 250_000;

/// The most violations one report lists; the verdict does not depend on it.
pub const MAX_VIOLATIONS: usize = 1_000;

/// The most bytes of a files object: 1 MiB.
pub const MAX_FILES_BYTES: usize = 1 << 20;

/// The most files of a files object.
pub const MAX_FILES: usize = 1_024;

/// The most bytes of a document in an envelope: 16 MiB.
///
/// A token has 4/3 of the bytes of its document, and `encryptedData` twice as many digits.
pub const MAX_ENVELOPE_BYTES: usize = 16 << 20;
