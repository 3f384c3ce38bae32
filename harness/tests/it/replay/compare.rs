//! Whether an answer is the recorded one, apart from what is random or of the moment.

use ocean_crypto::{ProviderFee, ecies};
use ocean_primitives::Bytes;
use serde_json::Value;

use super::{
    exchange::{Body, Exchange},
    host,
    world::{Answer, World},
};

/// The headers that clients look at.
const HEADERS: [&str; 5] = [
    "content-type",
    "content-disposition",
    "access-control-expose-headers",
    "access-control-allow-origin",
    // The Python Provider's name for the range of a part.
    "range",
];

#[derive(Debug)]
pub(super) enum Verdict {
    Same,
    /// How they differ first.
    Differs(String),
}

pub(super) fn same(area: &str, case: &Exchange, answer: &Answer, world: &World) -> Verdict {
    let recorded = &case.response;
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    if answer.status != recorded.status {
        return Verdict::Differs(format!("status {}, recorded {}: {body}", answer.status, recorded.status));
    }
    for name in HEADERS {
        let (ours, theirs) = (answer.header(name).map(plain), recorded.header(name).map(plain));
        if ours != theirs {
            return Verdict::Differs(format!("{name} is {ours:?}, recorded {theirs:?}"));
        }
    }
    let equal = match (&recorded.body, area) {
        (Body::Long { len }, _) => *len == host::LONG && answer.body == vec![b'x'; *len],
        _ if case.name == "root" => root(&body, recorded.body.text()),
        (_, "encrypt") if answer.status == 201 => {
            let open = |text: &str| ecies::decrypt(&world.key(), &text.parse::<Bytes>().ok()?).ok();
            let clear = open(&body);
            clear.is_some() && clear == open(recorded.body.text()) && clear == case.request.body.bytes()
        }
        (_, "initialize") if answer.status == 200 => fee(&body, recorded.body.text()),
        (_, "auth") if answer.status == 200 => token(&body) == token(recorded.body.text()),
        (kept, _) => kept.bytes().as_deref() == Some(answer.body.as_slice()),
    };
    if equal { Verdict::Same } else { Verdict::Differs(format!("body {body}\nrecorded {:?}", recorded.body)) }
}

/// Files without a name of their own get a random one.
fn plain(value: &str) -> String {
    let name = value.strip_prefix("attachment;filename=").and_then(|name| name.get(..32));
    match name {
        Some(random) if random.bytes().all(|byte| byte.is_ascii_hexdigit()) => value.replace(random, "<random>"),
        _ => value.to_owned(),
    }
}

/// Only what is served is named, and what is named stands where the peer has it.
fn root(ours: &str, theirs: &str) -> bool {
    let (ours, theirs): (Value, Value) = (serde_json::from_str(ours).unwrap(), serde_json::from_str(theirs).unwrap());
    let fields = ["chainIds", "providerAddresses", "software", "version"];
    let endpoints = ours["serviceEndpoints"].as_object().unwrap();
    fields.iter().all(|field| ours[field] == theirs[field])
        && endpoints.len() >= 9
        && endpoints.iter().all(|(name, endpoint)| *endpoint == theirs["serviceEndpoints"][name])
}

/// The same fee at another fraction of the second, or the same order.
fn fee(ours: &str, theirs: &str) -> bool {
    let parts = |text: &str| {
        let mut answer: Value = serde_json::from_str(text).unwrap();
        if answer.get("providerFee").is_some() {
            let fee: ProviderFee = serde_json::from_value(answer["providerFee"].clone()).unwrap();
            fee.verify().unwrap();
            let mut data: Value = serde_json::from_slice(&fee.provider_data).unwrap();
            data["timestamp"] = Value::from(data["timestamp"].as_f64().unwrap() as u64 / 10);
            for (name, value) in [("r", Value::Null), ("s", Value::Null), ("v", Value::Null)] {
                answer["providerFee"][name] = value;
            }
            answer["providerFee"]["providerData"] = data;
        }
        // The order of the fields counts, too.
        answer.to_string()
    };
    parts(ours) == parts(theirs) && ours.ends_with("}\n") && theirs.ends_with("}\n")
}

/// A token without its signature, which depends on the key (R15); other answers as they are.
fn token(text: &str) -> String {
    let answer: Value = serde_json::from_str(text).unwrap();
    match answer["token"].as_str().and_then(|token| token.rsplit_once('.')) {
        Some((signed, _)) => signed.to_owned(),
        None => text.to_owned(),
    }
}
