//! The tests that `DIFFERENCES.md` names exist.

use std::{fs, path::Path};

#[test]
fn every_difference_names_tests_that_exist() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(here.join("DIFFERENCES.md")).unwrap();
    let mut named = 0;
    for name in text.split('`').filter(|part| part.contains("::") && !part.contains(['…', ' '])) {
        let (file, test) = name.split_once("::").filter(|(_, test)| !test.contains(':')).unwrap();
        if file == "file" {
            continue;
        }
        let path = match file.strip_prefix("harness/") {
            Some(file) => here.join("../../harness/tests/it").join(file),
            None => here.join("tests/it").join(file),
        };
        let source = fs::read_to_string(path.with_extension("rs")).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(source.contains(&format!("fn {test}(")), "{name} does not exist");
        named += 1;
    }
    assert!(named > 30, "{named}");
}
