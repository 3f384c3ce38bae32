use super::*;
use alloy_dyn_abi::DynSolValue as V;
use serde_json::json;

fn call(inputs: Value, outputs: Value, user_data: Option<Value>) -> Result<Call> {
    let abi = json!({"type": "function", "name": "f", "stateMutability": "view", "inputs": inputs, "outputs": outputs});
    Call::new(ChainId::DEVELOPMENT, Address::ZERO, &abi, user_data.as_ref())
}

fn kinds(names: &[&str]) -> Value {
    names.iter().enumerate().map(|(index, kind)| json!({"name": format!("a{index}"), "type": kind})).collect()
}

/// What `json.dumps` makes of the value that web3.py 5 returns for it.
#[track_caller]
fn check(outputs: &[&str], values: &[V], expected: &str) {
    let call = call(json!([]), kinds(outputs), None).ok().unwrap();
    let output = call.function.abi_encode_output(values).unwrap();
    assert_eq!(call.text(&output).unwrap(), expected);
}

fn uint(value: u64) -> V {
    V::Uint(ocean_primitives::U256::from(value), 256)
}

#[test]
fn results_are_written_as_python_writes_them() {
    check(&["uint256"], &[uint(1_000_000_000_000_000)], "1000000000000000");
    check(&["bool"], &[V::Bool(true)], "true");
    check(&["string"], &[V::String("a\"b\\\n\u{7f}é😀".to_owned())], r#""a\"b\\\n\u007f\u00e9\ud83d\ude00""#);
    check(&["address"], &[V::Address(Address::repeat_byte(0xab))], "\"0xABaBaBaBABabABabAbAbABAbABabababaBaBABaB\"");
    check(&["bytes"], &[V::Bytes(vec![1, 255])], "\"0x01ff\"");
    check(&[], &[], "[]");
    check(&["uint256", "bool"], &[uint(1), V::Bool(false)], "[1, false]");
    check(&["uint256[]"], &[V::Array(vec![uint(1), uint(2)])], "[1, 2]");
    check(&["uint256[]"], &[V::Array(vec![])], "[]");
    check(&["string[]"], &[V::Array(vec![V::String("x".to_owned())])], "[\"x\"]");
}

#[test]
fn inputs_are_taken_by_name_and_must_all_be_there() {
    let inputs = kinds(&["uint256", "address", "string[]", "bool"]);
    let given = json!({"a0": "115792089237316195423570985008687907853269984665640564039457584007913129639935",
        "a1": "0x00000000000000000000000000000000000000ab", "a2": ["x", "y"], "a3": true, "more": 1});
    assert!(call(inputs.clone(), json!([]), Some(given.clone())).is_ok());
    assert_eq!(call(inputs.clone(), json!([]), None).err(), Some(Error::MissingParameter));
    assert_eq!(call(inputs.clone(), json!([]), Some(json!({"x": 1}))).err(), Some(Error::MissingParameter));
    for (name, odd) in [
        ("a0", json!(-1)),
        ("a0", json!(1.5)),
        ("a0", json!([1])),
        ("a1", json!("0x1")),
        ("a2", json!("x")),
        ("a3", json!(2)),
    ] {
        let mut given = given.clone();
        given[name] = odd.clone();
        let error = call(inputs.clone(), json!([]), Some(given)).err();
        assert_eq!(error, Some(Error::InvalidFile("a parameter does not fit the function")), "{name} {odd}");
    }
    assert!(call(kinds(&["uint256"]), json!([]), Some(json!({"a0": 0}))).is_ok(), "zero is a value");
}

#[test]
fn only_functions_that_change_nothing_are_called() {
    let refused = |abi: Value| Call::new(ChainId::DEVELOPMENT, Address::ZERO, &abi, None).err().unwrap();
    let abi =
        |state: &str| json!({"type": "function", "name": "f", "stateMutability": state, "inputs": [], "outputs": []});
    assert_eq!(refused(abi("nonpayable")), Error::NotView);
    assert_eq!(refused(abi("payable")), Error::NotView);
    assert!(Call::new(ChainId::DEVELOPMENT, Address::ZERO, &abi("pure"), None).is_ok());
    for odd in [json!(null), json!([]), json!({}), json!({"type": "event", "name": "f"}), json!({"type": "function"})] {
        assert_eq!(refused(odd.clone()), Error::InvalidFile("malformed ABI"), "{odd}");
    }
}

#[test]
fn types_that_make_much_of_little_are_refused() {
    for kind in [
        "uint256[][][]",
        "string[][]",
        "uint256[4294967295]",
        "uint256[100000][]",
        "uint8[1000][1000]",
        "bytes[][2][3][]",
    ] {
        let error = call(json!([]), kinds(&[kind]), None).err();
        assert_eq!(error, Some(Error::InvalidFile("a type of the ABI is too large")), "{kind}");
        assert!(call(kinds(&[kind]), json!([]), Some(json!({"a0": []}))).is_err(), "{kind}");
    }
    // Every entry of the outer list is the same inner list.
    let nested = call(json!([]), kinds(&["uint256[][]"]), None).ok().unwrap();
    assert_eq!(nested.text(&vec![0; MAX_NESTED + 1]), Err(Error::Contract("the result is too large")));
    let word = |value: usize| {
        let mut word = [0_u8; 32];
        word[24..].copy_from_slice(&(value as u64).to_be_bytes());
        word
    };
    let many = 400;
    let mut bomb = vec![word(32), word(many)];
    bomb.extend(std::iter::repeat_n(word(32 * many), many));
    bomb.push(word(many));
    bomb.extend(std::iter::repeat_n(word(7), many));
    let bomb: Vec<u8> = bomb.concat();
    assert!(bomb.len() <= MAX_NESTED);
    let text = nested.text(&bomb).unwrap();
    assert!(text.len() < 32 * MAX_NESTED, "{}", text.len());
}

#[test]
fn answers_that_do_not_fit_are_errors() {
    let one = call(json!([]), kinds(&["uint256"]), None).ok().unwrap();
    for odd in [vec![], vec![0; 31]] {
        assert_eq!(one.text(&odd), Err(Error::Contract("the result does not fit the ABI")));
    }
    assert_eq!(one.text(&vec![0; MAX_RESULT + 1]), Err(Error::Contract("the result is too large")));
}
