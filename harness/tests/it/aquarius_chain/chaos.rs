//! A run of everything at once, from a seed, that must end like an index built from nothing.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Instant,
};

use async_trait::async_trait;
use axum::{Router, body::Bytes as Body, extract::State, http::StatusCode, response::IntoResponse as _, routing::post};
use ocean_crypto::payload;
use ocean_primitives::{FeeRate, Rate};
use ocean_service::{DecryptError, DecryptRequest, Decryptor};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

use super::*;

/// The seed, unless `OCEAN_CHAOS_SEED` gives another.
const SEED: u64 = 20_261_121;
const STEPS: usize = 150;
/// No new steps after this, however slow the machine is.
const LIMIT: Duration = Duration::from_secs(20);

/// A node between the indexer and the chain that fails as often as it is told to.
#[derive(Clone)]
struct Faulty {
    chain: String,
    http: reqwest::Client,
    /// How many of 100 calls fail.
    rate: Arc<AtomicU64>,
    /// Whether every request for logs fails.
    hides_logs: Arc<AtomicBool>,
    calls: Arc<AtomicU64>,
    failed: Arc<AtomicU64>,
}

impl Faulty {
    async fn start(chain: &str) -> (Self, String) {
        let faulty = Self {
            chain: chain.to_owned(),
            http: reqwest::Client::new(),
            rate: Arc::default(),
            hides_logs: Arc::default(),
            calls: Arc::default(),
            failed: Arc::default(),
        };
        let app = Router::new().route("/", post(Self::call)).with_state(faulty.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (faulty, url)
    }

    async fn call(State(faulty): State<Self>, body: Body) -> axum::response::Response {
        let number = faulty.calls.fetch_add(1, Ordering::Relaxed);
        // Spread evenly and the same in every run of equal calls.
        let draw = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let is_hidden =
            faulty.hides_logs.load(Ordering::Relaxed) && body.windows(11).any(|part| part == b"eth_getLogs");
        if is_hidden || draw % 100 < faulty.rate.load(Ordering::Relaxed) {
            faulty.failed.fetch_add(1, Ordering::Relaxed);
            return match draw % 3 {
                0 => StatusCode::BAD_GATEWAY.into_response(),
                1 => "{\"jsonrpc\":\"2.0\",\"id\":0,\"error\":{\"code\":-32005,\"message\":\"limit exceeded\"}}"
                    .into_response(),
                _ => "<html>".into_response(),
            };
        }
        let answer = faulty.http.post(&faulty.chain).header("content-type", "application/json").body(body).send().await;
        match answer {
            Ok(answer) => answer
                .bytes()
                .await
                .map_or_else(|_| StatusCode::BAD_GATEWAY.into_response(), |bytes| bytes.into_response()),
            Err(_) => StatusCode::BAD_GATEWAY.into_response(),
        }
    }
}

/// A Provider that is out at times.
#[derive(Debug)]
struct Unsteady {
    inner: HttpDecryptor,
    out: Arc<AtomicU64>,
}

#[async_trait]
impl Decryptor for Unsteady {
    async fn decrypt(&self, request: &DecryptRequest) -> Result<Vec<u8>, DecryptError> {
        match self.out.load(Ordering::Relaxed) {
            0 => self.inner.decrypt(request).await,
            1 => Err(DecryptError::Unavailable("out".to_owned())),
            _ => std::future::pending().await,
        }
    }
}

/// What is on the chain, as far as the next step needs to know.
#[derive(Clone)]
struct Asset {
    created: CreatedAsset,
    owner: usize,
    orders: u64,
}

struct Run<'a> {
    testbed: &'a Testbed,
    clients: Vec<Contracts>,
    assets: Vec<Asset>,
    rng: StdRng,
}

impl Run<'_> {
    async fn connect(&mut self) {
        self.clients.clear();
        for account in 0..4 {
            self.clients.push(contracts(self.testbed, account).await);
        }
    }

    async fn publish(&mut self) {
        let owner = self.rng.gen_range(1..4);
        let price = if self.rng.gen_bool(0.5) {
            free()
        } else {
            Price::FixedRate {
                base_token: self.testbed.deployment().ocean,
                base_decimals: 18,
                rate: Rate::parse("1").unwrap(),
                market_fee: FeeRate::default(),
                market_fee_collector: Address::ZERO,
                with_mint: true,
            }
        };
        let created = create(&self.clients[owner], price).await;
        self.assets.push(Asset { created, owner, orders: 0 });
        self.write(self.assets.len() - 1).await;
    }

    async fn write(&mut self, index: usize) {
        let asset = self.assets[index].clone();
        let name = format!("version {}", self.rng.gen_range(0..u32::MAX));
        let text = document(asset.created.nft, asset.created.datatoken, &name);
        let flags = [Flags::PLAIN, Flags::LZMA, Flags::ECIES, Flags::LZMA.with(Flags::ECIES)][self.rng.gen_range(0..4)];
        let data = payload::encode(text.as_bytes(), flags, &self.testbed.provider_key().public_key()).unwrap();
        // One in ten is no document at all.
        let hash = if self.rng.gen_bool(0.1) { B256::repeat_byte(1) } else { sha256(&text) };
        let written = metadata(self.testbed.provider_url(), flags, data, hash);
        self.clients[asset.owner].set_metadata(asset.created.nft, &written).await.unwrap();
    }

    async fn step(&mut self) {
        let index = self.rng.gen_range(0..self.assets.len().max(1));
        if self.assets.len() < 3 || self.rng.gen_bool(0.2) {
            return self.publish().await;
        }
        let asset = self.assets[index].clone();
        let owner = self.clients[asset.owner].clone();
        match self.rng.gen_range(0..6) {
            0 => self.write(index).await,
            1 if asset.created.exchange.is_none() => {
                forks::order(self.testbed, &self.clients[0], asset.created.datatoken).await;
                self.assets[index].orders += 2;
            }
            2 => {
                let to = self.rng.gen_range(1..4);
                if to != asset.owner {
                    owner.transfer_nft(asset.created.nft, self.testbed.accounts()[to].address).await.unwrap();
                    self.assets[index].owner = to;
                }
            }
            3 => {
                if let Some(exchange) = asset.created.exchange {
                    let rate = Rate::parse(&self.rng.gen_range(1..1000).to_string()).unwrap();
                    owner.set_rate(exchange, rate).await.unwrap();
                    owner.set_exchange_active(exchange, self.rng.gen_bool(0.8)).await.unwrap();
                }
            }
            4 => {
                // Decrypting is refused for assets in other states, for good.
                let state = [0, 4, 5][self.rng.gen_range(0..3)];
                owner.set_metadata_state(asset.created.nft, state).await.unwrap();
            }
            _ => self.testbed.chain().mine(self.rng.gen_range(1..4)).await.unwrap(),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_of_everything_ends_like_an_index_from_nothing() {
    let testbed = Testbed::builder().start().await.unwrap();
    let (faulty, rpc) = Faulty::start(testbed.rpc_url()).await;
    let out = Arc::new(AtomicU64::new(0));
    let folder = tempfile::tempdir().unwrap();
    let start = async |folder: &Path| {
        Index::start(&testbed, &rpc, folder, |parts| {
            let inner = HttpDecryptor::new(testbed.key(9), AddressPolicy { allow_private: true }).unwrap();
            parts.decryptor = Arc::new(Unsteady { inner, out: Arc::clone(&out) });
        })
        .await
    };
    let mut index = start(folder.path()).await;
    let seed = std::env::var("OCEAN_CHAOS_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(SEED);
    let rng = StdRng::seed_from_u64(seed);
    let mut run = Run { testbed: &testbed, clients: Vec::new(), assets: Vec::new(), rng };
    run.connect().await;
    let begun = Instant::now();
    let mut snapshot = None;
    let (mut steps, mut forks, mut restarts, mut passed) = (0, 0, 0, 0);
    let mut hidden = None;
    while steps < STEPS && begun.elapsed() < LIMIT {
        steps += 1;
        run.step().await;
        match steps % 14 {
            2 => snapshot = Some((testbed.chain().snapshot().await.unwrap(), run.assets.clone())),
            3 => faulty.rate.store(15, Ordering::Relaxed),
            5 => out.store(1 + steps as u64 % 2, Ordering::Relaxed),
            7 => {
                if let Some((state, assets)) = snapshot.take() {
                    testbed.chain().revert(state).await.unwrap();
                    testbed.chain().mine(run.rng.gen_range(1..30)).await.unwrap();
                    run.assets = assets;
                    run.connect().await;
                    forks += 1;
                }
            }
            9 => out.store(0, Ordering::Relaxed),
            10 => {
                if restarts % 2 == 0 {
                    index.kill()
                } else {
                    index.stop().await
                }
                index = start(folder.path()).await;
                restarts += 1;
            }
            11 => faulty.rate.store(0, Ordering::Relaxed),
            12 => {
                // The node answers everything but this: the blocks are passed, and read in their place later.
                faulty.hides_logs.store(true, Ordering::Relaxed);
                hidden = Some(Instant::now());
            }
            0 => {
                if let Some(since) = hidden.take() {
                    let status = format!("{}/api/aquarius/state/retryQueue?type=block", index.url);
                    while since.elapsed() < Duration::from_secs(2) {
                        if get_json(&status).await["hits"]["total"]["value"] != 0 {
                            passed += 1;
                            break;
                        }
                        tokio::time::sleep(Duration::from_millis(10)).await;
                    }
                    faulty.hides_logs.store(false, Ordering::Relaxed);
                }
            }
            _ => {}
        }
    }
    out.store(0, Ordering::Relaxed);
    faulty.rate.store(0, Ordering::Relaxed);
    faulty.hides_logs.store(false, Ordering::Relaxed);
    let failed = faulty.failed.load(Ordering::Relaxed);
    let happened =
        format!("{steps} steps: {failed} failed calls, {forks} forks, {restarts} restarts, {passed} blocks passed");
    if steps == STEPS {
        assert!([failed, forks, restarts, passed].iter().all(|count| *count > 0), "{happened}");
    }

    let fresh_folder = tempfile::tempdir().unwrap();
    let fresh_index = settled_from_scratch(&testbed, fresh_folder.path()).await;
    let fresh = everything(&fresh_index.url).await;
    let settled = async {
        loop {
            at_head(&testbed, &index.url).await;
            if queue(&index.url).await.is_empty() && everything(&index.url).await == fresh {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    if tokio::time::timeout(DEADLINE, settled).await.is_err() {
        let (waiting, found) = (queue(&index.url).await, everything(&index.url).await);
        let mut wrong: Vec<_> = fresh.keys().chain(found.keys()).collect();
        wrong.retain(|did| fresh.get(*did) != found.get(*did));
        let mut states = Vec::new();
        for did in &wrong {
            let did = did.parse().unwrap();
            states.push((state_of(&index.url, &did).await, state_of(&fresh_index.url, &did).await));
        }
        panic!(
            "seed {seed}, {happened}: {} served, {} expected, wrong {wrong:?} {states:#?}, waiting {waiting:#?}",
            found.len(),
            fresh.len()
        );
    }
    // The network's own index saw the same chain without troubles.
    at_head(&testbed, testbed.aquarius_url()).await;
    until("the network's index", || async { everything(testbed.aquarius_url()).await == fresh }).await;
    // And all agree with what was done.
    for asset in &run.assets {
        if let Some(served) = fresh.get(did(asset.created.nft).as_str()) {
            assert_eq!(served["indexedMetadata"]["stats"][0]["orders"], asset.orders, "{}", asset.created.nft);
            assert_eq!(served["nft"]["owner"], testbed.accounts()[asset.owner].address.to_checksum(None));
        }
    }
    index.stop().await;
    fresh_index.stop().await;
    testbed.stop().await.unwrap();
}
