use std::{collections::BTreeMap, fmt};

use serde_json::{Value, json};

use crate::{request::RequestData, signed::SignatureFault};

/// A rule that a field breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// The field is absent or empty.
    Required,
    /// The field is needed because every one of these is absent.
    RequiredWithout(&'static [&'static str]),
    /// The field is needed because one of these is present.
    RequiredWith(&'static [&'static str]),
    /// The field is needed for this file type.
    RequiredForType(String),
    /// The field is not a whole number.
    Integer,
    /// The field is not a number.
    Number,
    /// The number is below this one.
    AtLeast(u64),
    /// The text has not the form it must have.
    Format,
    /// The value is none of those there are.
    Choice,
    /// The instant is in the past, or further ahead than allowed.
    Timestamp,
    /// The address is not one.
    Address,
}

impl Rule {
    fn text(&self, field: &str) -> String {
        match self {
            Self::Required => format!("The {field} field is required."),
            Self::RequiredWithout(others) => {
                format!("The {field} field is required when {} is not present.", others.join(", "))
            }
            Self::RequiredWith(others) => {
                format!("The {field} field is required when {} is present.", others.join(", "))
            }
            Self::RequiredForType(kind) => format!("The {field} field is required when type is {kind}."),
            Self::Integer => format!("The {field} must be an integer."),
            Self::Number => format!("The {field} must be a number."),
            Self::AtLeast(least) => format!("The {field} must be at least {least}."),
            Self::Format | Self::Address => format!("The {field} format is invalid."),
            Self::Choice => format!("The selected {field} is invalid."),
            Self::Timestamp => "Invalid timestamp provided.".to_owned(),
        }
    }

    fn means_missing(&self) -> bool {
        matches!(self, Self::Required | Self::RequiredWithout(_) | Self::RequiredWith(_) | Self::RequiredForType(_))
    }
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldError {
    /// The rules it breaks.
    Rules(Vec<Rule>),
    /// The signature does not authorise the request.
    Signature(SignatureFault),
}

/// Everything that is wrong with the arguments of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validation {
    /// ocean-node's name of the command, for its texts.
    pub command: &'static str,
    /// The fields ocean-node names as required by that command.
    pub required: &'static [&'static str],
    /// The faults by field.
    pub errors: BTreeMap<String, FieldError>,
    /// The field that was found wrong first: ocean-node names only that one.
    first: Option<String>,
    bailed: bool,
}

impl Validation {
    /// A check of the command's arguments.
    pub fn new(command: &'static str, required: &'static [&'static str]) -> Self {
        Self { command, required, ..Self::default() }
    }

    /// Notes a broken rule.
    pub fn broken(&mut self, field: &str, rule: Rule) -> &mut Self {
        if self.bailed {
            return self;
        }
        self.first.get_or_insert_with(|| field.to_owned());
        match self.errors.entry(field.to_owned()).or_insert_with(|| FieldError::Rules(Vec::new())) {
            FieldError::Rules(rules) => rules.push(rule),
            FieldError::Signature(_) => {}
        }
        self
    }

    /// Notes that the signature does not authorise the request.
    pub fn signature(&mut self, fault: SignatureFault) -> &mut Self {
        if !self.bailed {
            self.first.get_or_insert_with(|| "signature".to_owned());
            self.errors.insert("signature".to_owned(), FieldError::Signature(fault));
        }
        self
    }

    /// Stops here where `field` is wrong: later fields are then not reported (flask-sieve's `bail`).
    pub fn bail_on(&mut self, field: &str) -> &mut Self {
        self.bailed |= self.errors.contains_key(field);
        self
    }

    /// Whether nothing later than a bailed field counts any more.
    pub fn bailed(&self) -> bool {
        self.bailed
    }

    /// Notes the field where it is absent or empty; whether it is there.
    pub fn require(&mut self, data: &RequestData, field: &str) -> bool {
        let filled = data.is_filled(field);
        if !filled {
            self.broken(field, Rule::Required);
        }
        filled
    }

    /// # Errors
    /// Itself, where anything is wrong.
    pub fn finish(self) -> Result<(), crate::ApiError> {
        if self.errors.is_empty() { Ok(()) } else { Err(crate::ApiError::Validation(Box::new(self))) }
    }

    pub(crate) fn provider_body(&self) -> Value {
        let texts = self.errors.iter().map(|(field, error)| {
            let value = match error {
                FieldError::Rules(rules) => json!(rules.iter().map(|rule| rule.text(field)).collect::<Vec<_>>()),
                FieldError::Signature(fault) => fault.provider_value(),
            };
            (field.clone(), value)
        });
        json!({"errors": texts.collect::<serde_json::Map<_, _>>(), "message": "Validation error", "success": false})
    }

    /// Status and text of ocean-node, which names one fault only.
    pub(crate) fn node_text(&self) -> (u16, String) {
        let missing = |field: &str| {
            let Self { command, required, .. } = self;
            let required = required.join(",");
            format!(
                "Missing one ( \"{field}\" ) or more required field(s) for command: \"{command}\". Required fields: {required}"
            )
        };
        let named = self.first.as_ref().and_then(|field| self.errors.get_key_value(field));
        match named {
            Some((_, FieldError::Signature(fault))) => (401, fault.node_text()),
            Some((field, FieldError::Rules(rules))) if rules.iter().any(Rule::means_missing) => (400, missing(field)),
            Some((field, FieldError::Rules(rules))) => {
                let what = if rules.contains(&Rule::Address) { "a valid web3 address" } else { "valid" };
                (400, format!("Parameter : \"{field}\" is not {what}"))
            }
            None => (400, "Invalid request parameters".to_owned()),
        }
    }
}

impl fmt::Display for Validation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, text) = self.node_text();
        write!(f, "{text}")
    }
}

/// Reads a whole number the way each dialect's peers write one: digits as text or as a JSON number.
pub(crate) fn whole_number(data: &RequestData, field: &str) -> Option<Result<u64, Vec<Rule>>> {
    let text = data.filled(field)?;
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let negative = text.starts_with('-');
    Some(match text.parse::<u64>() {
        Ok(number) if digits => Ok(number),
        // flask-sieve reports a negative number under both rules.
        _ if negative => Err(vec![Rule::Integer, Rule::AtLeast(0)]),
        _ => Err(vec![Rule::Integer]),
    })
}
