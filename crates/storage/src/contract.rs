//! The result of a view function as a file.

use std::fmt;

use alloy_dyn_abi::{DynSolType, DynSolValue, FunctionExt as _, JsonAbiExt as _, Specifier as _};
use alloy_json_abi::{Function, StateMutability};
use async_trait::async_trait;
use ocean_primitives::{Address, Bytes, ChainId};
use serde_json::Value;

use crate::error::{Error, Result};

/// The most that a function may return, in bytes.
const MAX_RESULT: usize = 1 << 20;
/// The same where lists lie in lists: their entries may all point to the same bytes, so that little becomes much.
const MAX_NESTED: usize = 32 << 10;
/// How deep what has no fixed size may be nested.
const MAX_DEPTH: usize = 2;
/// The most words of a type with a fixed size.
const MAX_WORDS: usize = 32 << 10;

/// Calls contracts for `smartcontract` files, on the chains that the operator has configured.
#[async_trait]
pub trait ContractReader: fmt::Debug + Send + Sync {
    /// What the contract returns, within a deadline of the implementation's own.
    ///
    /// # Errors
    /// [`Error::Contract`] for a chain that is not configured, a node that does not answer and a call that reverts.
    async fn call(&self, chain: ChainId, contract: Address, input: Bytes) -> Result<Bytes>;
}

/// A call that was checked, and how to read its result.
pub(crate) struct Call {
    pub(crate) chain: ChainId,
    pub(crate) contract: Address,
    pub(crate) input: Bytes,
    function: Function,
    limit: usize,
}

impl Call {
    /// `user_data` are the consumer's parameters: one for each input of the function, under its name.
    pub(crate) fn new(chain: ChainId, contract: Address, abi: &Value, user_data: Option<&Value>) -> Result<Self> {
        let malformed = Error::InvalidFile("malformed ABI");
        if abi.get("type").and_then(Value::as_str) != Some("function") {
            return Err(malformed);
        }
        let function: Function = serde_json::from_value(abi.clone()).map_err(|_| malformed.clone())?;
        if !matches!(function.state_mutability, StateMutability::View | StateMutability::Pure) {
            return Err(Error::NotView);
        }
        let mut inputs = Vec::with_capacity(function.inputs.len());
        for input in &function.inputs {
            let kind = bounded(input.resolve().map_err(|_| malformed.clone())?)?;
            let given = user_data.and_then(|data| data.get(&input.name)).filter(|value| !value.is_null());
            let given = given.ok_or(Error::MissingParameter)?;
            inputs.push(coerced(&kind, given).ok_or(Error::InvalidFile("a parameter does not fit the function"))?);
        }
        let mut limit = MAX_RESULT;
        for output in &function.outputs {
            let kind = bounded(output.resolve().map_err(|_| malformed.clone())?)?;
            if depth(&kind) > 1 {
                limit = MAX_NESTED;
            }
        }
        let input = function.abi_encode_input(&inputs).map_err(|_| malformed)?;
        Ok(Self { chain, contract, input: input.into(), function, limit })
    }

    /// The result as the Python Provider writes it: `json.dumps` of what web3.py returns.
    pub(crate) fn text(&self, output: &[u8]) -> Result<String> {
        if output.len() > self.limit {
            return Err(Error::Contract("the result is too large"));
        }
        let values = self.function.abi_decode_output(output);
        let values = values.map_err(|_| Error::Contract("the result does not fit the ABI"))?;
        let mut text = String::new();
        match values.as_slice() {
            [value] => write(&mut text, value),
            values => write_list(&mut text, values),
        }
        Ok(text)
    }
}

/// The type, unless reading a value of it could take more than its bytes are worth.
fn bounded(kind: DynSolType) -> Result<DynSolType> {
    if depth(&kind) > MAX_DEPTH || words(&kind) > MAX_WORDS {
        return Err(Error::InvalidFile("a type of the ABI is too large"));
    }
    Ok(kind)
}

/// How many levels of the type have no fixed size.
fn depth(kind: &DynSolType) -> usize {
    match kind {
        DynSolType::Bytes | DynSolType::String => 1,
        DynSolType::Array(inner) => depth(inner) + 1,
        DynSolType::FixedArray(inner, _) => depth(inner),
        DynSolType::Tuple(fields) => fields.iter().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// How many words the type takes at least.
fn words(kind: &DynSolType) -> usize {
    match kind {
        DynSolType::Array(inner) => words(inner),
        DynSolType::FixedArray(inner, length) => words(inner).max(1).saturating_mul(*length),
        DynSolType::Tuple(fields) => fields.iter().map(words).fold(1, usize::saturating_add),
        _ => 1,
    }
}

/// A JSON value as a value of the type; numbers may be written as texts, since JSON's are too small for some.
fn coerced(kind: &DynSolType, value: &Value) -> Option<DynSolValue> {
    let list = |kinds: &mut dyn Iterator<Item = &DynSolType>, values: &[Value]| {
        kinds.zip(values).map(|(kind, value)| coerced(kind, value)).collect::<Option<Vec<_>>>()
    };
    match (kind, value) {
        (DynSolType::Array(inner), Value::Array(values)) => {
            list(&mut std::iter::repeat(&**inner), values).map(DynSolValue::Array)
        }
        (DynSolType::FixedArray(inner, length), Value::Array(values)) if values.len() == *length => {
            list(&mut std::iter::repeat(&**inner), values).map(DynSolValue::FixedArray)
        }
        (DynSolType::Tuple(kinds), Value::Array(values)) if values.len() == kinds.len() => {
            list(&mut kinds.iter(), values).map(DynSolValue::Tuple)
        }
        (DynSolType::String, Value::String(text)) => Some(DynSolValue::String(text.clone())),
        (DynSolType::Bool, Value::Bool(value)) => Some(DynSolValue::Bool(*value)),
        (DynSolType::Uint(_) | DynSolType::Int(_), Value::Number(number)) => kind.coerce_str(&number.to_string()).ok(),
        (
            DynSolType::Uint(_)
            | DynSolType::Int(_)
            | DynSolType::Address
            | DynSolType::Bytes
            | DynSolType::FixedBytes(_)
            | DynSolType::Bool,
            Value::String(text),
        ) => kind.coerce_str(text.trim()).ok(),
        _ => None,
    }
}

fn write_list(text: &mut String, values: &[DynSolValue]) {
    text.push('[');
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        write(text, value);
    }
    text.push(']');
}

/// `json.dumps`: a space after each comma, and every character in ASCII. Bytes, of which it makes nothing, become hex.
fn write(text: &mut String, value: &DynSolValue) {
    match value {
        DynSolValue::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        DynSolValue::Int(value, _) => text.push_str(&value.to_string()),
        DynSolValue::Uint(value, _) => text.push_str(&value.to_string()),
        DynSolValue::Address(address) => write_text(text, &address.to_checksum(None)),
        DynSolValue::String(value) => write_text(text, value),
        DynSolValue::Bytes(bytes) => write_text(text, &format!("0x{}", hex::encode(bytes))),
        DynSolValue::FixedBytes(word, size) => {
            write_text(text, &format!("0x{}", hex::encode(&word[..(*size).min(word.len())])));
        }
        DynSolValue::Function(function) => write_text(text, &format!("0x{}", hex::encode(function))),
        DynSolValue::Array(values) | DynSolValue::FixedArray(values) | DynSolValue::Tuple(values) => {
            write_list(text, values);
        }
    }
}

fn write_text(text: &mut String, value: &str) {
    text.push('"');
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            ' '..='~' => text.push(character),
            _ => {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    text.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests;
