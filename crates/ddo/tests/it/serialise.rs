use ocean_ddo::{
    Container, RawDdo, algorithm,
    serialise::{self, js_stringify, py_compact, survives_js},
};
use proptest::prelude::*;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

#[track_caller]
fn numbers(text: &str, js: &str, python: &str) {
    assert_eq!(js_stringify(text).unwrap(), js, "JavaScript, {text}");
    assert_eq!(py_compact(text).unwrap(), python, "Python, {text}");
}

#[test]
fn every_recorded_case() {
    let file: Value = serde_json::from_str(include_str!("../fixtures/checksum_serialisation.json")).unwrap();
    let rows = file["vectors"].as_array().unwrap();
    assert_eq!(rows.len(), 22);
    let hash = |document: &str| RawDdo::parse(document).unwrap().checksum().to_string()[2..].to_owned();
    for row in rows {
        let text = row["text"].as_str().unwrap();
        let (js, python) = (js_stringify(text).unwrap(), py_compact(text).unwrap());
        assert_eq!(row["js_string"], js.as_str(), "{row}");
        assert_eq!(row["oceanpy_string"], python.as_str(), "{row}");
        assert_eq!(row["sha256_of_text"], hash(text), "{row}");
        assert_eq!(row["oceanjs_getHash"], hash(&js), "{row}");
        assert_eq!(row["oceanpy_checksum"], hash(&python), "{row}");
        let hex = RawDdo::parse(js.as_str()).unwrap().hex_text_checksum();
        assert_eq!(row["unencrypted_hexstring_hash"], hex.to_string(), "{row}");
        assert_eq!(survives_js(text), text == js, "{row}");
        assert!(survives_js(&js), "{row}");
    }
}

#[test]
fn numbers_as_each_language_writes_them() {
    numbers("-0", "0", "0");
    numbers("1E400", "null", "Infinity");
    numbers("-1E400", "null", "-Infinity");
    numbers("1e20", "100000000000000000000", "1e+20");
    numbers("123456789012345680000.0", "123456789012345680000", "1.2345678901234568e+20");
    numbers("1.5e300", "1.5e+300", "1.5e+300");
    numbers("0.0001", "0.0001", "0.0001");
    numbers("0.00001", "0.00001", "1e-05");
    numbers("0.000001", "0.000001", "1e-06");
    numbers("0.0000015", "0.0000015", "1.5e-06");
    numbers("0.0000001", "1e-7", "1e-07");
    numbers("5e-324", "5e-324", "5e-324");
    numbers("1e-400", "0", "0.0");
    numbers("-1e-400", "0", "-0.0");
    numbers("9999999999999998.0", "9999999999999998", "9999999999999998.0");
    numbers("12345678.125", "12345678.125", "12345678.125");
    numbers("-1.25", "-1.25", "-1.25");
}

#[test]
fn keys_as_javascript_orders_them() {
    let text =
        "{\"b\":0,\"4294967295\":1,\"4294967294\":2,\"01\":3,\"-1\":4,\"0\":5,\"1e1\":6,\"\":7,\"10\":8,\"9\":9}";
    let js = "{\"0\":5,\"9\":9,\"10\":8,\"4294967294\":2,\"b\":0,\"4294967295\":1,\"01\":3,\"-1\":4,\"1e1\":6,\"\":7}";
    assert_eq!(js_stringify(text).unwrap(), js);
    assert_eq!(serialise::value(&serde_json::from_str(text).unwrap()), js);
    assert_eq!(js_stringify("{\"a\":1,\"\\u0061\":2}").unwrap(), "{\"a\":2}");
}

#[test]
fn trusted_algorithm_checksums() {
    let file: Value = serde_json::from_str(include_str!("../fixtures/trusted_algorithms.json")).unwrap();
    for row in file["container"].as_array().unwrap() {
        let text = |name: &str| row[name].as_str().unwrap();
        let container = Container::new(text("entrypoint"), "any", "tag", text("checksum"));
        assert_eq!(algorithm::container_section_checksum(&container), text("containerSectionChecksum"));
    }
    for row in file["files"].as_array().unwrap() {
        let contents = row["file_contents"].as_array().unwrap().iter();
        let digests = contents.map(|content| Sha256::digest(content.as_str().unwrap()).into());
        assert_eq!(algorithm::files_checksum(digests), row["filesChecksum"]);
    }
}

proptest! {
    #[test]
    fn writing_twice_changes_nothing(float: f64, text: String) {
        prop_assume!(float.is_finite());
        let document = serde_json::json!({ "n": float, &text: &text }).to_string();
        let js = js_stringify(&document).unwrap();
        let python = py_compact(&document).unwrap();
        prop_assert_eq!(&js_stringify(&js).unwrap(), &js);
        prop_assert_eq!(&py_compact(&python).unwrap(), &python);
        prop_assert_eq!(&js_stringify(&python).unwrap(), &js);
        let again: Value = serde_json::from_str(&python).unwrap();
        prop_assert_eq!(again, serde_json::from_str::<Value>(&document).unwrap());
    }
}
