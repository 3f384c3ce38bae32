//! `kill -9` under load, again and again: no nonce acts twice, and nothing that was acknowledged is lost.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use ocean_crypto::{Message, PrivateKey, sign_message};
use ocean_primitives::{Address, Dialect};
use ocean_testbed::{Component, Role, Testbed};
use rand::Rng as _;
use tokio::task::JoinSet;

use crate::provider_attacks::world::{Download, World};

const KILLS: usize = 50;
/// Who downloads, each one request after the other.
const DOWNLOADERS: [usize; 3] = [2, 4, 5];
/// Who makes and ends tokens.
const TOKEN_HOLDER: usize = 6;

/// What became of the requests.
#[derive(Debug, Default)]
struct Ledger {
    /// By account: the last nonce that was acknowledged, and the request that was not answered, if there is one.
    downloads: BTreeMap<usize, (u64, Option<(u64, String)>)>,
    /// Every marker whose download was acknowledged.
    served: Vec<String>,
    /// Tokens of which the end was acknowledged.
    ended: Vec<String>,
    /// The last nonce that the holder of tokens got an answer for.
    tokens: u64,
}

/// What every request of a round needs.
struct Load {
    http: reqwest::Client,
    provider: String,
    ledger: Mutex<Ledger>,
    killed: AtomicBool,
    acknowledged: AtomicU64,
    expirations: AtomicU64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_killed_fifty_times_under_load_acts_once_and_forgets_nothing() {
    let mut world = World::on(Testbed::builder().provider(Component::Child)).await;
    let mut templates = BTreeMap::new();
    for account in DOWNLOADERS {
        let order = world.order(account, "first").await;
        templates.insert(account, world.download(account, order));
    }
    let holder = world.order(TOKEN_HOLDER, "first").await;
    let load = Arc::new(Load {
        http: reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap(),
        provider: world.testbed.provider_url().to_owned(),
        ledger: Mutex::new(Ledger { tokens: 1, ..Ledger::default() }),
        killed: AtomicBool::new(false),
        acknowledged: AtomicU64::new(0),
        // Tokens that end at another second are other tokens.
        expirations: AtomicU64::new(u64::try_from(world.testbed.clock().now().as_second()).unwrap() + 3_600),
    });

    for round in 0..KILLS {
        load.killed.store(false, Ordering::SeqCst);
        load.acknowledged.store(0, Ordering::SeqCst);
        let mut clients = JoinSet::new();
        for (account, template) in &templates {
            clients.spawn(Arc::clone(&load).download_until_killed(*account, template.clone()));
        }
        clients.spawn(Arc::clone(&load).tokens_until_killed(world.key(TOKEN_HOLDER)));
        // Never in the same moment, and never before anything has happened.
        tokio::time::sleep(Duration::from_millis(rand::thread_rng().gen_range(0..80))).await;
        while load.acknowledged.load(Ordering::SeqCst) < 4 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        load.killed.store(true, Ordering::SeqCst);
        world.testbed.kill(Role::Provider).unwrap();
        while let Some(client) = clients.join_next().await {
            client.unwrap();
        }
        world.testbed.restart(Role::Provider).await.unwrap();
        for (account, template) in &templates {
            load.after_the_crash(round, *account, template).await;
        }
        load.ended_tokens_stay_ended(&world.download(TOKEN_HOLDER, holder), round).await;
    }

    // The source saw every acknowledged request once, and every other one at most once.
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for request in world.files.log() {
        if let Some((_, marker)) = request.path.split_once("marker=") {
            *seen.entry(marker.split('&').next().unwrap().to_owned()).or_default() += 1;
        }
    }
    let ledger = load.ledger.lock().unwrap();
    let twice: Vec<_> = seen.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "requests that acted more than once: {twice:?}");
    let lost: Vec<_> = ledger.served.iter().filter(|marker| !seen.contains_key(*marker)).collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert!(ledger.served.len() >= KILLS * 2 && ledger.ended.len() >= KILLS / 2, "hardly any load");
    eprintln!(
        "{KILLS} kills: {} downloads acknowledged, {} tokens ended, {} requests at the source",
        ledger.served.len(),
        ledger.ended.len(),
        seen.len()
    );
}

/// The query of a download whose request at the source tells which it was.
fn marked(template: &Download, account: usize, nonce: u64) -> (String, String) {
    let marker = format!("{account}-{nonce}");
    let download = Download { nonce: nonce.to_string(), ..template.clone() };
    (format!("{}&userdata=%7B%22marker%22%3A%22{marker}%22%7D", download.path()), marker)
}

impl Load {
    /// The whole answer, or nothing if it broke off.
    async fn get(&self, path: &str) -> Option<(u16, String)> {
        let response = self.http.get(format!("{}{path}", self.provider)).send().await.ok()?;
        let status = response.status().as_u16();
        Some((status, response.text().await.ok()?))
    }

    async fn download_until_killed(self: Arc<Self>, account: usize, template: Download) {
        let (mut nonce, _) = self.ledger.lock().unwrap().downloads.get(&account).cloned().unwrap_or((1, None));
        loop {
            nonce += 1;
            let (path, marker) = marked(&template, account, nonce);
            let answer = self.get(&path).await;
            let mut ledger = self.ledger.lock().unwrap();
            let entry = ledger.downloads.entry(account).or_insert((1, None));
            match answer {
                Some((200, _)) => {
                    *entry = (nonce, None);
                    ledger.served.push(marker);
                    self.acknowledged.fetch_add(1, Ordering::SeqCst);
                }
                Some((status, text)) => panic!("{marker}: {status} {text}"),
                None => {
                    assert!(self.killed.load(Ordering::SeqCst), "{marker} broke off although nobody was killed");
                    entry.1 = Some((nonce, path));
                    return;
                }
            }
        }
    }

    async fn tokens_until_killed(self: Arc<Self>, key: PrivateKey) {
        let address = key.address();
        let mut nonce = self.stored(address).await;
        loop {
            let expiration = self.expirations.fetch_add(1, Ordering::SeqCst);
            nonce += 1;
            let path = token_path(&key, "createAuthToken", nonce, &format!("expiration={expiration}"));
            let Some((200, made)) = self.get(&path).await else { return };
            self.ledger.lock().unwrap().tokens = nonce;
            let made: serde_json::Value = serde_json::from_str(&made).unwrap();
            let token = made["token"].as_str().unwrap().to_owned();
            nonce += 1;
            let path = token_path(&key, "deleteAuthToken", nonce, &format!("token={token}"));
            let response = self.http.delete(format!("{}{path}", self.provider)).send().await;
            let Ok(response) = response else { return };
            assert_eq!(response.status(), 200);
            let mut ledger = self.ledger.lock().unwrap();
            ledger.tokens = nonce;
            ledger.ended.push(token);
            self.acknowledged.fetch_add(1, Ordering::SeqCst);
        }
    }

    async fn stored(&self, address: Address) -> u64 {
        let Some((200, text)) = self.get(&format!("/api/services/nonce?userAddress={address}")).await else { return 1 };
        let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
        answer["nonce"].as_str().unwrap().parse().unwrap()
    }

    /// What was acknowledged is stored, what was not answered acts at most once more, and nothing else is accepted again.
    async fn after_the_crash(&self, round: usize, account: usize, template: &Download) {
        let entry = self.ledger.lock().unwrap().downloads.get(&account).cloned();
        let Some((acknowledged, in_doubt)) = entry else { return };
        let at = format!("round {round}, account {account}");
        let stored = self.stored(template.consumer.parse().unwrap()).await;
        let sent = in_doubt.as_ref().map_or(acknowledged, |(nonce, _)| *nonce);
        assert!(
            (acknowledged..=sent).contains(&stored),
            "{at}: {acknowledged} acknowledged, {sent} sent, {stored} stored"
        );
        if acknowledged > 1 {
            let (path, _) = marked(template, account, acknowledged);
            let (status, text) = self.get(&path).await.unwrap();
            assert_eq!(status, 400, "{at}: an acknowledged request was accepted again: {text}");
        }
        let Some((nonce, path)) = in_doubt else { return };
        let mut served = 0;
        for _ in 0..2 {
            let (status, text) = self.get(&path).await.unwrap();
            assert!(matches!(status, 200 | 400), "{at}: {status} {text}");
            served += usize::from(status == 200);
        }
        // Stored means used up, whoever heard of it; not stored means that it is still good, once.
        assert_eq!(served, usize::from(stored < nonce), "{at}: {stored} stored, {nonce} sent again twice");
        let mut ledger = self.ledger.lock().unwrap();
        ledger.downloads.insert(account, (nonce, None));
        if served == 1 {
            ledger.served.push(format!("{account}-{nonce}"));
        }
    }

    /// The last tokens whose end was acknowledged open nothing.
    async fn ended_tokens_stay_ended(&self, template: &Download, round: usize) {
        let (ended, nonce) = {
            let ledger = self.ledger.lock().unwrap();
            (ledger.ended.iter().rev().take(2).chain(ledger.ended.first()).cloned().collect::<Vec<_>>(), ledger.tokens)
        };
        let stored = self.stored(template.consumer.parse().unwrap()).await;
        assert!(stored >= nonce, "round {round}: {nonce} acknowledged, {stored} stored");
        for token in ended {
            let download = Download { nonce: (stored + 1).to_string(), ..template.clone() };
            let request = self.http.get(format!("{}{}", self.provider, download.unsigned())).header("AuthToken", token);
            assert_eq!(request.send().await.unwrap().status(), 400, "round {round}: an ended token opens the file");
        }
    }
}

fn token_path(key: &PrivateKey, route: &str, nonce: u64, rest: &str) -> String {
    let (address, nonce) = (key.address().to_checksum(None), nonce.to_string());
    let text = Message::CreateAuthToken { address: &address, nonce: &nonce }.text(Dialect::Provider);
    let signature = sign_message(key, Dialect::Provider, &text);
    format!("/api/services/{route}?address={address}&nonce={nonce}&signature={signature}&{rest}")
}
