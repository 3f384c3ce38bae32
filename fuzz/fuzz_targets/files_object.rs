//! Whatever is read as a files object is written so that it is read again, and its `Debug` form never ends in a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ocean_ddo::{FilesObject, Version};

fuzz_target!(|data: &[u8]| {
    // 4.0.0 has a bare list, every later version an object that names the asset.
    let version = data.trim_ascii_start().starts_with(b"{").then(|| Version::from("4.7.0"));
    let Ok(files) = FilesObject::parse(data, version.as_ref()) else { return };
    let _ = format!("{files:?}");
    let text = files.to_json();
    let again = FilesObject::parse(text.as_bytes(), version.as_ref()).expect("what is written is read");
    assert_eq!(again, files);
    assert_eq!(again.to_json(), text);
});
