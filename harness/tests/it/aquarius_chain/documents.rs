//! Documents in every form, in and out of order, and Providers that do not answer.

use alloy::{primitives::Bytes, providers::Provider as _, rpc::types::TransactionRequest, sol_types::SolCall as _};
use ocean_aquarius_client::Validated;
use ocean_contracts_bindings::abi::{IErc721Template, MetadataProof};
use ocean_crypto::{Flags, payload};
use ocean_ddo::RawDdo;
use ocean_testbed::{Component, Role};

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_of_every_form_are_served_byte_for_byte() {
    let testbed = Testbed::builder().start().await.unwrap();
    let contracts = contracts(&testbed, PUBLISHER).await;
    let (url, node) = (testbed.aquarius_url(), testbed.node_url());
    let key = testbed.provider_key().public_key();
    // As Python writes it: spaces, escapes for everything that is not ASCII, and a number with a fraction.
    let python = |text: String| {
        let spaced = text.replace("\":", "\": ").replace(",\"", ", \"").replace("https\": ", "https:");
        spaced
            .replace("Branin values", "Br\\u00e4nin \\ud83d\\ude00 values")
            .replace("\"timeout\": 0", "\"timeout\": 0, \"weight\": 1.0")
    };
    let plain = Flags::PLAIN;
    let both = Flags::LZMA.with(Flags::ECIES);
    for (name, flags, is_python, hex_text) in [
        ("plain", plain, false, false),
        ("compressed", Flags::LZMA, false, false),
        ("encrypted", Flags::ECIES, false, false),
        ("compressed and encrypted", both, false, false),
        ("python", plain, true, false),
        ("python encrypted", both, true, false),
        ("hash of the hex text", plain, false, true),
    ] {
        let asset = create(&contracts, free()).await;
        let mut text = document(asset.nft, asset.datatoken, name);
        if is_python {
            text = python(text);
            assert!(text.contains("\\u00e4") && text.contains("1.0") && text.contains("\": "), "{text}");
        }
        let hash = if hex_text { sha256(format!("0x{}", hex::encode(&text))) } else { sha256(&text) };
        let data = payload::encode(text.as_bytes(), flags, &key).unwrap();
        let sent =
            contracts.set_metadata(asset.nft, &metadata(testbed.provider_url(), flags, data, hash)).await.unwrap();
        for index in [url, node] {
            let served = client(index).wait_for(&did(asset.nft), sent.tx, DEADLINE).await;
            let served = served.unwrap_or_else(|error| panic!("{name} at {index}: {error}"));
            assert_eq!(served.stripped().as_str(), text, "{name}");
            let value = served.value();
            assert_eq!(value["event"]["tx"], format!("{:#x}", sent.tx), "{name}");
            assert_eq!(value["indexedMetadata"]["event"]["txid"], value["event"]["tx"], "{name}");
        }
    }
    assert!(queue(url).await.is_empty());
    assert_eq!(everything(url).await.len(), 7);
    assert_eq!(everything(url).await, from_scratch(&testbed).await);
    testbed.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_that_cannot_be_indexed_say_why() {
    let testbed = Testbed::builder().start().await.unwrap();
    let contracts = contracts(&testbed, PUBLISHER).await;
    let url = testbed.aquarius_url();
    let provider = testbed.provider_url();
    let key = testbed.provider_key().public_key();
    let stranger = testbed.key(5).public_key();
    let seal = |text: &str, key| payload::encode(text.as_bytes(), Flags::ECIES, key).unwrap();
    for (case, reason) in [
        ("another hash", "the document does not have the hash on chain"),
        ("another nft", "did is not valid for chain Id and nft address"),
        ("not json", "the document cannot be read"),
        ("no version", "no version provided for DDO."),
        ("later version", "Can't find schema 9.9.9."),
        ("no name", "the document is invalid"),
        ("unknown flags", "flags"),
        ("no archive", "the payload does not decompress"),
        ("sealed for somebody else", ""),
        ("no url", "the decryptor url is not a url"),
    ] {
        let asset = create(&contracts, free()).await;
        let good = document(asset.nft, asset.datatoken, case);
        let other = create(&contracts, free()).await;
        let text = match case {
            "another nft" => document(other.nft, other.datatoken, case),
            "not json" => "{\"id\":".to_owned(),
            "no version" => good.replace("\"version\":\"4.5.0\",", ""),
            "later version" => good.replace("4.5.0", "9.9.9"),
            "no name" => good.replace("\"name\":\"no name\",", ""),
            _ => good,
        };
        let hash = if case == "another hash" { sha256("another") } else { sha256(&text) };
        let written = match case {
            "unknown flags" => {
                SetMetadata { flags: Bytes::from_static(&[1, 0]), ..metadata("", Flags::PLAIN, text, hash) }
            }
            "no archive" => metadata("", Flags::LZMA, text, hash),
            "sealed for somebody else" => metadata(provider, Flags::ECIES, seal(&text, &stranger), hash),
            "no url" => metadata("no url", Flags::ECIES, seal(&text, &key), hash),
            _ => metadata("", Flags::PLAIN, text, hash),
        };
        let sent = contracts.set_metadata(asset.nft, &written).await.unwrap();
        let did = did(asset.nft);
        at_head(&testbed, url).await;
        let state = state_of(url, &did).await;
        assert_eq!((&state["valid"], &state["tx_id"]), (&json!(false), &json!(format!("{:#x}", sent.tx))), "{case}");
        let said = state["error"].as_str().unwrap();
        assert!(said.to_lowercase().contains(&reason.to_lowercase()) && !said.is_empty(), "{case}: {said}");
        assert_eq!(client(url).ddo(&did).await.unwrap(), None, "{case}");
        // The client passes the reason on, and does not wait for the deadline where it is final.
        if case != "sealed for somebody else" {
            let failed = client(url).wait_for(&did, sent.tx, DEADLINE).await.unwrap_err().to_string();
            assert!(failed.contains(said), "{case}: {failed}");
        }
    }
    testbed.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_is_down_delays_a_document_and_says_so() {
    let mut testbed = Testbed::builder().provider(Component::Child).start().await.unwrap();
    let contracts = contracts(&testbed, PUBLISHER).await;
    let url = testbed.aquarius_url().to_owned();
    let asset = create(&contracts, free()).await;
    let text = document(asset.nft, asset.datatoken, "sealed");
    let sealed = payload::encode(text.as_bytes(), Flags::ECIES, &testbed.provider_key().public_key()).unwrap();
    testbed.kill(Role::Provider).unwrap();
    let sent = contracts
        .set_metadata(asset.nft, &metadata(testbed.provider_url(), Flags::ECIES, sealed, sha256(&text)))
        .await
        .unwrap();
    let open = create(&contracts, free()).await;
    let other = put(&contracts, open.nft, &document(open.nft, open.datatoken, "open")).await;
    client(&url).wait_for(&did(open.nft), other.tx, DEADLINE).await.unwrap();

    let did = did(asset.nft);
    let state = state_of(&url, &did).await;
    assert_eq!((&state["valid"], &state["nft"]), (&json!(false), &json!(asset.nft.to_checksum(None))));
    assert!(!state["error"].as_str().unwrap().is_empty());
    let entries = queue(&url).await;
    assert_eq!(entries.len(), 1);
    assert_eq!((&entries[0]["type"], &entries[0]["did"]), (&json!("event"), &json!(did.as_str())));
    assert_eq!(entries[0]["tx_id"], format!("{:#x}", sent.tx));
    let asked = |query: String| {
        let url = format!("{url}/api/aquarius/state/retryQueue?{query}");
        async move { get_json(&url).await["hits"]["total"]["value"].as_u64().unwrap() }
    };
    assert_eq!(asked(format!("did={did}")).await, 1);
    assert_eq!(asked(format!("nft={}", asset.nft)).await, 1);
    assert_eq!(asked(format!("nft={}", open.nft)).await, 0);
    assert_eq!(asked("type=block".to_owned()).await, 0);
    assert_eq!(asked("chainId=1".to_owned()).await, 0);
    let waiting = get_json(&format!("{url}/api/services/indexQueue")).await;
    assert_eq!(waiting["queue"][0]["txId"], format!("{:#x}", sent.tx));

    testbed.restart(Role::Provider).await.unwrap();
    let served = client(&url).wait_for(&did, sent.tx, DEADLINE).await.unwrap();
    assert_eq!(served.stripped().as_str(), text);
    assert!(queue(&url).await.is_empty());
    assert_eq!(state_of(&url, &did).await["valid"], true);
    testbed.stop().await.unwrap();
}

/// Creation code that makes these calls in one transaction and leaves no contract.
fn batch(calls: &[(Address, Vec<u8>)]) -> Bytes {
    const BLOCK: usize = 52;
    let push3 = |number: usize| {
        let bytes = u32::try_from(number).unwrap().to_be_bytes();
        [0x62, bytes[1], bytes[2], bytes[3]]
    };
    let end = calls.len() * BLOCK;
    let mut code = Vec::new();
    let mut data = end + 6;
    for (target, input) in calls {
        // CODECOPY of the input to memory 0, then CALL, and a jump to the revert where it failed.
        code.extend(push3(input.len()));
        code.extend(push3(data));
        code.extend([0x60, 0, 0x39, 0x60, 0, 0x60, 0]);
        code.extend(push3(input.len()));
        code.extend([0x60, 0, 0x60, 0, 0x73]);
        code.extend(target.as_slice());
        code.extend([0x5a, 0xf1, 0x15]);
        code.extend(push3(end + 1));
        code.push(0x57);
        data += input.len();
    }
    assert_eq!(code.len(), end);
    code.extend([0x00, 0x5b, 0x60, 0, 0x80, 0xfd]);
    calls.iter().for_each(|(_, input)| code.extend(input));
    code.into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_metadata_events_of_one_transaction_count() {
    let testbed = Testbed::builder().start().await.unwrap();
    let publisher = contracts(&testbed, PUBLISHER).await;
    let sender: Address = testbed.accounts()[5].address;
    let rpc = testbed.chain().rpc();
    let maker = sender.create(rpc.get_transaction_count(sender).await.unwrap());
    let (first, second) = (create(&publisher, free()).await, create(&publisher, free()).await);
    for nft in [first.nft, second.nft] {
        publisher.transact(nft, &IErc721Template::addToMetadataListCall { _allowedAddress: maker }).await.unwrap();
    }
    let write = |asset: &CreatedAsset, name: &str| {
        let text = document(asset.nft, asset.datatoken, name);
        let call = IErc721Template::setMetaDataCall {
            _metaDataState: 0,
            _metaDataDecryptorUrl: String::new(),
            _metaDataDecryptorAddress: String::new(),
            flags: Bytes::from_static(&[0]),
            _metaDataHash: sha256(&text),
            data: text.into_bytes().into(),
            _metadataProofs: Vec::new(),
        };
        (asset.nft, call.abi_encode())
    };
    let disabled = IErc721Template::setMetaDataStateCall { _metaDataState: 4 }.abi_encode();
    let code = batch(&[
        write(&first, "first, created"),
        write(&second, "second, created"),
        write(&first, "first, updated"),
        (second.nft, disabled),
    ]);
    let request = TransactionRequest::default().from(sender).input(code.into()).gas_limit(20_000_000);
    let receipt = rpc.send_transaction(request).await.unwrap().get_receipt().await.unwrap();
    assert!(receipt.status() && receipt.contract_address == Some(maker));

    let url = testbed.aquarius_url();
    at_head(&testbed, url).await;
    let all = everything(url).await;
    let (one, two) = (&all[did(first.nft).as_str()], &all[did(second.nft).as_str()]);
    assert_eq!((&one["metadata"]["name"], &one["nft"]["state"]), (&json!("first, updated"), &json!(0)));
    assert_eq!((&two["metadata"]["name"], &two["nft"]["state"]), (&json!("second, created"), &json!(4)));
    for document in [one, two] {
        assert_eq!(document["event"]["tx"], format!("{:#x}", receipt.transaction_hash));
        assert_eq!(document["event"]["from"], sender.to_checksum(None));
    }
    assert_eq!(all, from_scratch(&testbed).await);
    testbed.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_verdict_of_validate_is_a_proof_on_chain() {
    let testbed = Testbed::builder().start().await.unwrap();
    let contracts = contracts(&testbed, PUBLISHER).await;
    let url = testbed.aquarius_url();
    let (proven, unproven) = (create(&contracts, free()).await, create(&contracts, free()).await);
    let text = document(proven.nft, proven.datatoken, "proven");
    let verdict = client(url).validate(&RawDdo::parse(text.clone()).unwrap()).await.unwrap();
    let Validated::Signed(verdict) = verdict else { panic!("the network's Aquarius has a key") };
    assert_eq!((verdict.hash, verdict.public_key), (sha256(&text), testbed.accounts()[9].address));
    let proof = MetadataProof { validatorAddress: verdict.public_key, v: verdict.v, r: verdict.r, s: verdict.s };

    // The proof is for these bytes only.
    let other = document(unproven.nft, unproven.datatoken, "unproven");
    let mut written = metadata("", Flags::PLAIN, other.clone(), sha256(&other));
    written.proofs = vec![proof.clone()];
    let refused = contracts.set_metadata(unproven.nft, &written).await.unwrap_err();
    assert!(refused.to_string().contains("Invalid proof signer"), "{refused}");
    // Nobody's proof is not checked by the contract.
    written.proofs = vec![MetadataProof { validatorAddress: Address::ZERO, v: 27, r: B256::ZERO, s: B256::ZERO }];
    contracts.set_metadata(unproven.nft, &written).await.unwrap();

    let mut written = metadata("", Flags::PLAIN, text.clone(), sha256(&text));
    written.proofs = vec![proof];
    let sent = contracts.set_metadata(proven.nft, &written).await.unwrap();
    let receipt = contracts.rpc().get_transaction_receipt(sent.tx).await.unwrap().unwrap();
    let validated =
        receipt.inner.logs().iter().filter_map(|log| log.log_decode::<IErc721Template::MetadataValidated>().ok());
    let validators: Vec<_> = validated.map(|log| (log.inner.data.validator, log.inner.data.metaDataHash)).collect();
    assert_eq!(validators, [(verdict.public_key, sha256(&text))]);
    client(url).wait_for(&did(proven.nft), sent.tx, DEADLINE).await.unwrap();

    // An index that demands this validator holds one of the two, and says why it lacks the other.
    let folder = tempfile::tempdir().unwrap();
    let index = Index::start(&testbed, testbed.rpc_url(), folder.path(), |parts| {
        parts.allowed.validators = vec![verdict.public_key];
    })
    .await;
    at_head(&testbed, &index.url).await;
    assert_eq!(everything(&index.url).await.into_keys().collect::<Vec<_>>(), [did(proven.nft).as_str()]);
    let state = state_of(&index.url, &did(unproven.nft)).await;
    assert_eq!(state["error"], "no allowed validator has validated the document");
    index.stop().await;
    testbed.stop().await.unwrap();
}
