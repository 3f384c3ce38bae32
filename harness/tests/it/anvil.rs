//! Chains as processes: start, stop, time, snapshots, and what goes wrong.

use std::{fs, path::PathBuf, time::Duration};

use alloy::{
    primitives::{Address, B256, U256},
    providers::Provider as _,
    signers::local::{MnemonicBuilder, coins_bip39::English},
};
use ocean_testbed::{
    Anvil, Error, EventForger, ForgedFee, LocalChain, MNEMONIC, PROVIDER_ACCOUNT, Progress, Tools, accounts,
    snapshot_state_file,
};

use crate::support::{chain, is_running, tools, wait_until};

/// Tools with a cache of their own beside the installed packages, so that a test may damage it.
fn with_cache(tools: &Tools, dir: &tempfile::TempDir) -> Tools {
    let mut tools = tools.clone();
    tools.cache_dir = dir.path().to_owned();
    tools
}

#[test]
fn the_listed_keys_are_the_mnemonics() {
    for account in accounts() {
        let signer = MnemonicBuilder::<English>::default()
            .phrase(MNEMONIC)
            .index(account.index as u32)
            .unwrap()
            .build()
            .unwrap();
        assert_eq!(signer.address(), account.address);
        assert_eq!(account.private_key().address(), account.address);
        assert_eq!(signer.to_bytes(), account.private_key_hex().parse::<B256>().unwrap());
    }
    let provider = accounts()[PROVIDER_ACCOUNT].address.to_string();
    assert_eq!(provider, "0xe08A1dAe983BC701D05E492DB80e0144f8f4b909");
}

#[tokio::test]
async fn the_chain_is_barges() {
    let chain = chain().await;
    assert_eq!(chain.rpc().get_chain_id().await.unwrap(), 8996);
    let unlocked: Vec<Address> = chain.rpc().get_accounts().await.unwrap();
    assert_eq!(unlocked, accounts().iter().map(|account| account.address).collect::<Vec<_>>());
    let ether = chain.rpc().get_balance(accounts()[19].address).await.unwrap();
    assert_eq!(ether, U256::from(1_000_000) * U256::from(10).pow(U256::from(18)));
    assert_eq!(chain.latest_block().await.unwrap().0, 52);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_chains_in_one_process() {
    let starts = (0..5).map(|_| tokio::spawn(async { chain().await }));
    let mut chains = Vec::new();
    for start in starts {
        chains.push(start.await.unwrap());
    }
    let mut ports: Vec<u16> = chains.iter().map(LocalChain::port).collect();
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), 5, "each has a port of its own");
    chains[0].mine(7).await.unwrap();
    assert_eq!(chains[0].latest_block().await.unwrap().0, 59);
    assert_eq!(chains[1].latest_block().await.unwrap().0, 52, "a block on one chain is not on another");
    let left: Vec<(u32, PathBuf)> =
        chains.iter().map(|chain| (chain.pid(), chain.log_path().parent().unwrap().to_owned())).collect();
    drop(chains);
    for (pid, folder) in left {
        assert!(!is_running(pid), "process {pid} is left");
        assert!(!folder.exists(), "{} is left", folder.display());
    }
}

#[tokio::test]
async fn a_taken_port_names_the_port_and_the_way_out() {
    let first = chain().await;
    let error = LocalChain::builder().port(first.port()).port_flag("--chain-port").start().await.unwrap_err();
    assert!(error.is_port_taken());
    let text = error.to_string();
    assert!(text.contains(&format!("port {} is already taken", first.port())), "{text}");
    assert!(text.contains("--chain-port"), "{text}");
}

#[tokio::test]
async fn a_missing_anvil_is_named() {
    let mut tools = tools().await;
    tools.anvil = PathBuf::from("/nowhere/anvil");
    let error = Anvil::builder(&tools).spawn().await.unwrap_err();
    assert_eq!(error.to_string(), "starting /nowhere/anvil");
}

#[tokio::test]
async fn an_anvil_that_ends_shows_its_output_and_log() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state.json");
    fs::write(&state, "not a state").unwrap();
    let error = Anvil::builder(&tools().await).load_state(&state).spawn().await.unwrap_err();
    let Error::Child { log, tail, .. } = &error else { panic!("{error}") };
    assert!(log.is_file(), "the log of a failed start stays");
    assert!(!tail.is_empty());
    assert!(error.to_string().contains(&log.display().to_string()), "{error}");
    fs::remove_dir_all(log.parent().unwrap()).unwrap();
}

#[tokio::test]
async fn a_snapshot_that_is_cut_or_gone_is_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let tools = with_cache(&tools().await, &dir);
    let state = snapshot_state_file(&tools);
    let start = || LocalChain::builder().tools(tools.clone()).start();
    start().await.unwrap();
    let good = fs::read(&state).unwrap();

    type Damage = fn(&PathBuf, &[u8]);
    let damages: [(&str, Damage); 5] = [
        ("cut", |state, good| fs::write(state, &good[..good.len() / 2]).unwrap()),
        ("empty", |state, _| fs::write(state, "").unwrap()),
        ("one digit changed", |state, good| {
            let mut bytes = good.to_vec();
            let place = bytes.len() / 2;
            bytes[place] ^= 1;
            fs::write(state, bytes).unwrap();
        }),
        ("state gone", |state, _| fs::remove_file(state).unwrap()),
        ("meta data cut", |state, _| fs::write(state.with_file_name("meta.json"), "{").unwrap()),
    ];
    for (name, damage) in damages {
        damage(&state, &good);
        let chain = start().await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(chain.latest_block().await.unwrap().0, 52, "{name}");
        let chain = start().await.unwrap();
        assert!(chain.times().phases.iter().all(|phase| phase.name != "deploy"), "{name}: repaired only once");
    }
    let left: Vec<_> = fs::read_dir(dir.path().join("snapshots"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("new-"))
        .collect();
    assert_eq!(left, Vec::<String>::new(), "nothing half made is left");
}

#[tokio::test]
async fn a_snapshot_with_the_wrong_contracts_is_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let tools = with_cache(&tools().await, &dir);
    let chain = LocalChain::builder().tools(tools.clone()).start().await.unwrap();
    // A well-formed state without one contract, with a matching hash: only asking the contracts finds it out.
    let state = snapshot_state_file(&tools);
    let mut value: serde_json::Value = serde_json::from_slice(&fs::read(&state).unwrap()).unwrap();
    let router = chain.deployment().router.to_string().to_lowercase();
    assert!(value["accounts"].as_object_mut().unwrap().remove(&router).is_some());
    fs::write(&state, value.to_string()).unwrap();
    let meta = state.with_file_name("meta.json");
    let mut value: serde_json::Value = serde_json::from_slice(&fs::read(&meta).unwrap()).unwrap();
    let hash = <sha2::Sha256 as sha2::Digest>::digest(fs::read(&state).unwrap());
    value["state_sha256"] = alloy::hex::encode(hash).into();
    fs::write(&meta, value.to_string()).unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    let progress = Progress::new(move |line| sender.send(line.to_owned()).unwrap());
    let chain = LocalChain::builder().tools(tools).progress(progress).start().await.unwrap();
    assert_eq!(chain.latest_block().await.unwrap().0, 52);
    let said: Vec<String> = receiver.try_iter().collect();
    assert!(said[0].contains("the deployed contracts are not as they must be"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn five_first_starts_deploy_once() {
    let dir = tempfile::tempdir().unwrap();
    let tools = with_cache(&tools().await, &dir);
    let (sender, receiver) = std::sync::mpsc::channel();
    let progress = Progress::new(move |line| sender.send(line.to_owned()).unwrap());
    let starts: Vec<_> = (0..5)
        .map(|_| tokio::spawn(LocalChain::builder().tools(tools.clone()).progress(progress.clone()).start()))
        .collect();
    for start in starts {
        start.await.unwrap().unwrap();
    }
    drop(progress);
    let deployments = receiver.try_iter().filter(|line| line.starts_with("deploying")).count();
    assert_eq!(deployments, 1);
}

#[tokio::test]
async fn time_moves_and_state_goes_back() {
    let chain = chain().await;
    let (block, time) = chain.latest_block().await.unwrap();
    let snapshot = chain.snapshot().await.unwrap();
    chain.advance(Duration::from_secs(3_600)).await.unwrap();
    let (_, later) = chain.latest_block().await.unwrap();
    assert!(later >= time + 3_600, "{time} {later}");
    chain.set_block_timestamp(later + 1_000).await.unwrap();
    assert_eq!(chain.latest_block().await.unwrap(), (block + 2, later + 1_000));
    chain.mine(3).await.unwrap();
    assert_eq!(chain.latest_block().await.unwrap().0, block + 5);
    let error = chain.set_block_timestamp(time).await.unwrap_err();
    assert!(error.to_string().contains("lower than previous"), "{error}");
    chain.revert(snapshot).await.unwrap();
    assert_eq!(chain.latest_block().await.unwrap(), (block, time));
    let error = chain.revert(snapshot).await.unwrap_err();
    assert!(error.to_string().contains("does not know this snapshot"), "{error}");
}

#[tokio::test]
async fn blocks_come_at_an_interval() {
    let chain = LocalChain::builder().block_time(Duration::from_millis(200)).start().await.unwrap();
    let (before, _) = chain.latest_block().await.unwrap();
    wait_for_block(&chain, before + 2).await;

    let chain = self::chain().await;
    let error = chain.set_interval_mining(Some(Duration::from_millis(1_500))).await.unwrap_err();
    assert!(error.to_string().contains("whole seconds"), "{error}");
    chain.set_interval_mining(Some(Duration::from_secs(1))).await.unwrap();
    wait_for_block(&chain, 53).await;
    chain.set_interval_mining(None).await.unwrap();
    let (number, _) = chain.latest_block().await.unwrap();
    EventForger::deploy(&chain).await.unwrap();
    assert_eq!(chain.latest_block().await.unwrap().0, number + 1, "a block per transaction again");
}

async fn wait_for_block(chain: &LocalChain, number: u64) {
    let begun = std::time::Instant::now();
    while chain.latest_block().await.unwrap().0 < number {
        assert!(begun.elapsed() < Duration::from_secs(10), "no block {number}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn forged_events_look_like_a_datatokens() {
    let chain = chain().await;
    let forger = EventForger::deploy(&chain).await.unwrap();
    let buyer = accounts()[2].address;
    let fee = ForgedFee {
        provider_fee_address: accounts()[PROVIDER_ACCOUNT].address,
        v: 27,
        valid_until: 1_900_000_000,
        provider_data: vec![1, 2, 3].into(),
        ..ForgedFee::default()
    };
    let order = forger.order_started(&chain, buyer, U256::from(7), 3, fee.clone()).await.unwrap();
    let reuse = forger.order_reused(&chain, buyer, order, fee).await.unwrap();
    let topic = |text: &str| alloy::primitives::keccak256(text);
    let started = topic("OrderStarted(address,address,uint256,uint256,uint256,address,uint256)");
    let reused = topic("OrderReused(bytes32,address,uint256,uint256)");
    let fee = topic("ProviderFee(address,address,uint256,bytes,uint8,bytes32,bytes32,uint256)");
    for (transaction, expected) in [(order, vec![fee, started]), (reuse, vec![reused, fee])] {
        let receipt = chain.rpc().get_transaction_receipt(transaction).await.unwrap().unwrap();
        let logs = receipt.inner.logs();
        assert_eq!(logs.iter().map(|log| log.topics()[0]).collect::<Vec<_>>(), expected);
        assert!(logs.iter().all(|log| log.address() == forger.address));
        assert_eq!(receipt.from, buyer);
    }
    let topics = [started, B256::with_last_byte(1), B256::with_last_byte(2), B256::with_last_byte(3)];
    for count in 0..=4 {
        let sent = forger.log(&chain, buyer, topics[..count].to_vec(), vec![count as u8; 33]).await.unwrap();
        let receipt = chain.rpc().get_transaction_receipt(sent).await.unwrap().unwrap();
        let log = &receipt.inner.logs()[0];
        assert_eq!(log.topics(), &topics[..count]);
        assert_eq!(log.data().data.as_ref(), &vec![count as u8; 33]);
    }
    let error = forger.log(&chain, buyer, vec![started; 5], vec![]).await.unwrap_err();
    assert!(error.to_string().contains("at most four topics"), "{error}");
}

#[tokio::test]
async fn a_log_folder_of_the_callers_stays() {
    let dir = tempfile::tempdir().unwrap();
    let chain = LocalChain::builder().log_dir(dir.path()).start().await.unwrap();
    assert_eq!(chain.log_path(), dir.path().join("anvil.log"));
    chain.stop().await;
    assert!(fs::read_to_string(dir.path().join("anvil.log")).unwrap().contains("Listening on"));
}

#[tokio::test]
async fn a_start_is_split_by_phase() {
    for (snapshot, names) in [
        (true, &["tools", "snapshot", "anvil", "connect", "verify"]),
        (false, &["tools", "anvil", "connect", "deploy", "verify"]),
    ] {
        // The first start may have to make the snapshot.
        chain().await;
        let chain = LocalChain::builder().snapshot(snapshot).start().await.unwrap();
        let times = chain.times();
        assert_eq!(times.phases.iter().map(|phase| phase.name).collect::<Vec<_>>(), names);
        assert_eq!(times.from_snapshot, snapshot);
    }
}

#[tokio::test]
async fn a_chain_that_was_killed_says_so() {
    let mut anvil = Anvil::builder(&tools().await).spawn().await.unwrap();
    let pid = anvil.id();
    let killed = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
    assert!(killed.success());
    wait_until("the end of anvil", Duration::from_secs(5), || !is_running(pid));
    let error = anvil.failure("is gone");
    let log = anvil.log_path().to_owned();
    drop(anvil);
    assert!(error.to_string().starts_with("anvil is gone; its output is in "), "{error}");
    assert!(log.is_file(), "the log that the error names stays");
    fs::remove_dir_all(log.parent().unwrap()).unwrap();
}
