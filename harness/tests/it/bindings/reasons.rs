//! The words of the contracts, looked up in the code that says them.

use std::{fs, path::Path};

use ocean_contracts_bindings::Reason;
use ocean_testbed::LaterRelease;
use serde_json::Value;

use crate::support::{later_contracts, tools};

/// The code of every artifact below a folder.
fn codes(folder: &Path, found: &mut Vec<Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            codes(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            let artifact: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            let code = artifact["deployedBytecode"].as_str().and_then(|code| alloy::primitives::hex::decode(code).ok());
            found.extend(code);
        }
    }
}

/// Whether the code holds the text: the compiler cuts it into words of 32 bytes and pushes each of them, some without their first
/// bits or as a number that is shifted.
fn says(code: &[u8], text: &str) -> bool {
    text.as_bytes().chunks(32).all(|word| contains(code, word) || shifted(code, word))
}

fn contains(code: &[u8], word: &[u8]) -> bool {
    code.windows(word.len()).any(|window| window == word)
}

/// A word that ends in zero bits is pushed as a smaller number and shifted back.
fn shifted(code: &[u8], word: &[u8]) -> bool {
    (1..8).any(|bits| {
        let mut carry = 0u16;
        let moved: Vec<u8> = word
            .iter()
            .map(|byte| {
                let wide = (u16::from(*byte) >> bits) | carry;
                carry = (u16::from(*byte) << (8 - bits)) & 0xff;
                wide as u8
            })
            .collect();
        carry == 0 && contains(code, &moved)
    })
}

#[tokio::test]
async fn every_known_reason_is_said_by_a_contract_of_the_package() {
    let mut found = Vec::new();
    codes(&tools().await.contracts_dir.join("artifacts/contracts"), &mut found);
    assert!(found.len() > 60, "{}", found.len());
    // Later escrows say some things in other words.
    let mut every_release = true;
    for release in LaterRelease::ALL {
        match later_contracts(release).await {
            Some(folder) => codes(&folder.join("artifacts"), &mut found),
            None => every_release = false,
        }
    }
    let mut unsaid = Vec::new();
    for reason in Reason::ALL {
        for text in reason.texts() {
            assert_eq!(Reason::of(text), Some(*reason), "{text}");
            if !found.iter().any(|code| says(code, text)) {
                unsaid.push(*text);
            }
        }
    }
    if !every_release {
        unsaid.retain(|text| *text != "Payer cannot be payee");
    }
    assert!(unsaid.is_empty(), "{unsaid:#?}");
    assert!(!found.iter().any(|code| says(code, "FixedRateExchange: nobody says this")), "the search finds anything");
    assert_eq!(Reason::of("FixedRateExchange: nobody says this"), None);
}
