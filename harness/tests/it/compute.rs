//! Compute-to-Data over a real chain, both dialects: published algorithms that really compute, what they cost, and who may run what.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use ocean_contracts_bindings::escrow::{Authorize, Escrow};
use ocean_crypto::{Message, ProviderFee, sign_message};
use ocean_primitives::{Address, BaseUnits, Dialect, ONE, U256};
use ocean_protocol::{DocumentForm, FileObject, Ocean, Pricing, PublishAsset, PublishedAsset};
use ocean_testbed::{FileServer, Testbed, write_branin_csv};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const PUBLISHER: usize = 1;
const BUYER: usize = 2;
const STRANGER: usize = 3;

const CODE: &str = include_str!("compute/branin.py");
const ENTRYPOINT: &str = "python $ALGO";
const CHECKSUM: &str = "sha256:8221d20c1c16491d7d56b9657ea09082c0ee4a8ab1a6621fa720da58b09580e4";

const PROVIDER: Dialect = Dialect::Provider;
const NODE: Dialect = Dialect::OceanNode;

struct Answer {
    status: u16,
    text: String,
}

impl Answer {
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{} {}", self.status, self.text))
    }

    #[track_caller]
    fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()
    }

    #[track_caller]
    fn refused(&self, status: u16, text: &str) {
        assert!(
            self.status == status && self.text.contains(text),
            "{} {} lacks {status} {text}",
            self.status,
            self.text
        );
        assert!(!self.text.contains("127.0.0.1"), "it tells where a file is: {}", self.text);
    }
}

struct World {
    testbed: Testbed,
    publisher: Ocean,
    buyer: Ocean,
    http: reqwest::Client,
    dataset: PublishedAsset,
    algorithm: PublishedAsset,
    untrusted: PublishedAsset,
    broken: PublishedAsset,
    csv: String,
    nonce: AtomicU64,
    _files: FileServer,
}

fn container(entrypoint: &str) -> Value {
    json!({"entrypoint": entrypoint, "image": "oceanprotocol/algo_dockers", "tag": "python-branin", "checksum": CHECKSUM})
}

fn sha256(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

impl World {
    async fn new() -> Self {
        let testbed = Testbed::builder().start().await.unwrap();
        let files = FileServer::start().await.unwrap();
        let path = testbed.folder().join("branin.csv");
        write_branin_csv(&path, 7, 8_000).unwrap();
        let csv = std::fs::read_to_string(&path).unwrap();
        let publisher = testbed.ocean(PUBLISHER).build().await.unwrap();
        let buyer = testbed.ocean(BUYER).build().await.unwrap();
        let publish = async |name: &str, file: &str, content: &str| {
            let url = files.serve_bytes(file, content.to_owned());
            let pricing = Pricing::Free {
                max_tokens: BaseUnits(ONE * U256::from(10)),
                max_balance: BaseUnits(ONE * U256::from(10)),
            };
            let asset = PublishAsset::new(name, vec![FileObject::url(url)], pricing).form(DocumentForm::Plain);
            publisher.publish(asset).await.unwrap()
        };
        let other = "print('not what was checked')";
        let algorithm = publish("Fit a model", "fit.py", CODE).await;
        let untrusted = publish("Another one", "other.py", other).await;
        let broken = publish("No image", "broken.py", CODE).await;
        for (asset, image) in [(&algorithm, None), (&untrusted, None), (&broken, Some("nobody/nothing"))] {
            let edited = publisher.edit_metadata(&asset.did, |document| {
                let mut metadata = document.value()["metadata"].clone();
                metadata["type"] = json!("algorithm");
                let mut container = container(ENTRYPOINT);
                if let Some(image) = image {
                    container["image"] = json!(image);
                }
                metadata["algorithm"] = json!({"language": "python", "version": "1", "container": container});
                document.set("/metadata", &metadata)
            });
            edited.await.unwrap();
        }
        let dataset = publish("Branin data", "branin.csv", &csv).await;
        let section = sha256(format!("{ENTRYPOINT}{CHECKSUM}").as_bytes());
        let trusted = |asset: &PublishedAsset| json!({"did": asset.did, "filesChecksum": sha256(CODE.as_bytes()), "containerSectionChecksum": section});
        let trusted = [trusted(&algorithm), trusted(&broken)];
        let edited = publisher.edit_metadata(&dataset.did, |document| {
            let mut service = document.value()["services"][0].clone();
            service["type"] = json!("compute");
            service["compute"] = json!({
                "allowRawAlgorithm": false, "allowNetworkAccess": true,
                "publisherTrustedAlgorithmPublishers": [], "publisherTrustedAlgorithms": trusted,
            });
            document.set("/services", &json!([service]))
        });
        edited.await.unwrap();
        // The two servers follow the chain on their own; what one serves, the other may not serve yet.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let nonce = AtomicU64::new(1_000);
        Self { testbed, publisher, buyer, http, dataset, algorithm, untrusted, broken, csv, nonce, _files: files }
    }

    fn url(&self, dialect: Dialect) -> &str {
        if dialect == NODE { self.testbed.node_url() } else { self.testbed.provider_url() }
    }

    fn address(&self, account: usize) -> Address {
        self.testbed.accounts()[account].address
    }

    fn nonce(&self) -> String {
        self.nonce.fetch_add(1, Ordering::Relaxed).to_string()
    }

    async fn send(&self, method: Method, dialect: Dialect, path: &str, body: Option<&Value>) -> Answer {
        let mut request = self.http.request(method, format!("{}/api/services/{path}", self.url(dialect)));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.timeout(Duration::from_secs(60)).send().await.unwrap();
        Answer { status: response.status().as_u16(), text: response.text().await.unwrap() }
    }

    fn service(&self, asset: &PublishedAsset) -> String {
        asset.document.value()["services"][0]["id"].as_str().unwrap().to_owned()
    }

    fn item(&self, asset: &PublishedAsset, tx: Option<&str>) -> Value {
        json!({"documentId": asset.did, "serviceId": self.service(asset), "transferTxId": tx})
    }

    async fn environment(&self, dialect: Dialect, description: &str) -> Value {
        let answer = self.send(Method::GET, dialect, "computeEnvironments", None).await.ok();
        let list = if dialect == NODE { answer } else { answer["8996"].clone() };
        let name = if dialect == NODE { "description" } else { "desc" };
        let found = list.as_array().unwrap().iter().find(|environment| environment[name] == description);
        found.unwrap_or_else(|| panic!("{description} in {list}")).clone()
    }

    /// Orders with the fee that the server named, for which the token is approved.
    async fn order(&self, asset: &PublishedAsset, answer: &Value) -> String {
        let fee: ProviderFee = serde_json::from_value(answer["providerFee"].clone()).unwrap();
        let (contracts, buyer) = (self.buyer.contracts(), self.address(BUYER));
        contracts.dispense(asset.datatoken, BaseUnits(ONE), buyer).await.unwrap();
        if !fee.provider_fee_amount.is_zero() {
            let amount = BaseUnits(fee.provider_fee_amount);
            contracts.approve_exact(fee.provider_fee_token, asset.datatoken, amount).await.unwrap();
        }
        contracts.start_order(asset.datatoken, buyer, 0, &fee, None).await.unwrap().tx.to_string()
    }

    /// A start of the buyer's, signed.
    fn start(&self, dialect: Dialect, free: bool, environment: &Value, parts: Value) -> Value {
        let (nonce, consumer) = (self.nonce(), self.address(BUYER).to_checksum(None));
        let document_id = parts["dataset"]["documentId"].as_str().unwrap_or_default().to_owned();
        let message = match (dialect, free) {
            (NODE, true) => Message::Command { consumer: &consumer, nonce: &nonce, command: "freeStartCompute" },
            _ => Message::ComputeStart { consumer: &consumer, job_id: "", document_id: &document_id, nonce: &nonce },
        };
        let signature = sign_message(&self.testbed.key(BUYER), dialect, &message.text(dialect));
        let mut body = json!({
            "consumerAddress": consumer, "nonce": nonce, "signature": signature, "environment": environment["id"],
        });
        body.as_object_mut().unwrap().extend(parts.as_object().unwrap().clone());
        body
    }

    async fn finished(&self, dialect: Dialect, job: &str) -> Value {
        let path = format!("compute?consumerAddress={}&jobId={job}", self.address(BUYER));
        let begun = Instant::now();
        loop {
            let jobs = self.send(Method::GET, dialect, &path, None).await.ok();
            let jobs = jobs.as_array().unwrap();
            assert_eq!(jobs.len(), 1, "{jobs:?}");
            if !jobs[0]["dateFinished"].is_null() {
                return jobs[0].clone();
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{jobs:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn result(&self, dialect: Dialect, account: usize, job: &str, index: usize) -> reqwest::Response {
        let (nonce, consumer, index) = (self.nonce(), self.address(account).to_checksum(None), index.to_string());
        let message = Message::ComputeResult { consumer: &consumer, job_id: job, index: &index, nonce: &nonce };
        let signature = sign_message(&self.testbed.key(account), dialect, &message.text(dialect));
        let url = format!(
            "{}/api/services/computeResult?consumerAddress={consumer}&jobId={job}&index={index}&nonce={nonce}&signature={signature}",
            self.url(dialect)
        );
        self.http.get(url).send().await.unwrap()
    }

    /// The model that the algorithm has to find, computed directly.
    fn check_model(&self, result: &Value) {
        let points: Vec<Vec<f64>> =
            self.csv.lines().skip(1).map(|line| line.split(',').map(|part| part.parse().unwrap()).collect()).collect();
        assert_eq!(result["rows"], points.len());
        let model: Vec<f64> = result["model"].as_array().unwrap().iter().map(|part| part.as_f64().unwrap()).collect();
        // The best fit is where the error is orthogonal to every term.
        let terms = |point: &[f64]| {
            let (x, y) = (point[0], point[1]);
            [1.0, x, y, x * x, y * y, x * y]
        };
        let (mut gradient, mut scale, mut squares) = ([0.0; 6], [0.0_f64; 6], 0.0);
        for point in &points {
            let terms = terms(point);
            let error: f64 = terms.iter().zip(&model).map(|(term, part)| term * part).sum::<f64>() - point[2];
            squares += error * error;
            for (place, term) in terms.iter().enumerate() {
                gradient[place] += term * error;
                scale[place] += (term * point[2]).abs();
            }
        }
        for (gradient, scale) in gradient.iter().zip(scale) {
            assert!(gradient.abs() < 1e-8 * scale, "{gradient} of {scale}: {model:?}");
        }
        let rmse = (squares / points.len() as f64).sqrt();
        assert!((rmse - result["rmse"].as_f64().unwrap()).abs() < 1e-9 * rmse);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_old_stack_runs_a_trusted_algorithm_for_a_fee() {
    let world = World::new().await;
    let environment = world.environment(PROVIDER, "paid").await;
    assert_eq!((&environment["priceMin"], &environment["id"]), (&json!(2.3), &json!("ocean-compute-env2")));
    let now = world.testbed.clock().now().as_second();
    let consumer = world.address(BUYER).to_checksum(None);
    let ask = |algorithm: Value, environment: &str, until: i64| {
        json!({
            "datasets": [world.item(&world.dataset, None)], "algorithm": algorithm,
            "compute": {"env": environment, "validUntil": until}, "consumerAddress": consumer,
        })
    };
    let initialize = async |body: Value| world.send(Method::POST, PROVIDER, "initializeCompute", Some(&body)).await;
    let algorithm = || world.item(&world.algorithm, None);
    initialize(ask(algorithm(), "ocean-compute-env2", 1_000))
        .await
        .refused(400, r#"{"error":"The validUntil value is not correct."}"#);
    initialize(ask(algorithm(), "other", now + 600))
        .await
        .refused(400, r#"{"error":"Compute environment does not exist"}"#);
    initialize(ask(world.item(&world.dataset, None), "ocean-compute", now + 600))
        .await
        .refused(400, r#"{"error":"DID is not a valid algorithm"}"#);
    initialize(ask(world.item(&world.untrusted, None), "ocean-compute", now + 600))
        .await
        .refused(400, r#"{"error":{"dataset":"not_trusted_algo"}}"#);
    let raw = json!({"meta": {"rawcode": "print(1)", "container": container(ENTRYPOINT)}});
    initialize(ask(raw.clone(), "ocean-compute", now + 600))
        .await
        .refused(400, r#"{"error":{"dataset":"no_raw_algo_allowed"}}"#);
    let mut unknown = ask(algorithm(), "ocean-compute", now + 600);
    unknown["datasets"][0]["documentId"] = json!(format!("did:op:{}", "0".repeat(64)));
    initialize(unknown).await.refused(400, r#"{"error":{"dataset.documentId":"did_not_found"}}"#);
    let mut access = ask(algorithm(), "ocean-compute", now + 600);
    access["datasets"][0] = world.item(&world.untrusted, None);
    initialize(access).await.refused(400, r#"{"error":{"dataset.serviceId":"main_service_compute"}}"#);

    // Whole days count.
    let amount = |answer: &Value| -> U256 {
        let fee = &answer["datasets"][0]["providerFee"]["providerFeeAmount"];
        fee.as_str().unwrap().parse().unwrap()
    };
    let ten_minutes = initialize(ask(algorithm(), "ocean-compute-env2", now + 600)).await.ok();
    let two_days = initialize(ask(algorithm(), "ocean-compute-env2", now + 2 * 86_400)).await.ok();
    assert!(amount(&two_days) > amount(&ten_minutes) * U256::from(280), "{two_days}");
    assert_eq!(ten_minutes["algorithm"]["providerFee"]["providerFeeAmount"], "0");

    let data = world.order(&world.dataset, &ten_minutes["datasets"][0]).await;
    let code = world.order(&world.algorithm, &ten_minutes["algorithm"]).await;
    let other = world.order(&world.untrusted, &ten_minutes["algorithm"]).await;
    let mut again = ask(world.item(&world.algorithm, Some(&code)), "ocean-compute-env2", now + 590);
    again["datasets"][0] = world.item(&world.dataset, Some(&data));
    let again = initialize(again).await.ok();
    assert_eq!(again, json!({"algorithm": {"validOrder": code}, "datasets": [{"validOrder": data}]}));

    let dataset = || world.item(&world.dataset, Some(&data));
    let good = || json!({"dataset": dataset(), "algorithm": world.item(&world.algorithm, Some(&code))});
    let post = async |body: Value| world.send(Method::POST, PROVIDER, "compute", Some(&body)).await;
    let start = |parts: Value| world.start(PROVIDER, false, &environment, parts);
    let invalid = r#"{"error":{"dataset.serviceId":"order_invalid"}}"#;
    post(start(json!({"dataset": world.item(&world.dataset, Some(&code)), "algorithm": good()["algorithm"]})))
        .await
        .refused(400, invalid);
    let unordered = json!({"dataset": dataset(), "algorithm": world.item(&world.algorithm, None)});
    post(start(unordered)).await.refused(400, r#"{"error":{"algorithm.serviceId":"order_invalid"}}"#);
    let foreign = json!({"dataset": dataset(), "algorithm": world.item(&world.untrusted, Some(&other))});
    post(start(foreign)).await.refused(400, r#"{"error":{"dataset":"not_trusted_algo"}}"#);
    post(start(json!({"dataset": dataset(), "algorithm": raw})))
        .await
        .refused(400, r#"{"error":{"dataset":"no_raw_algo_allowed"}}"#);
    post(start(json!({"dataset": dataset(), "algorithm": {}}))).await.refused(400, "algorithm");
    let free = world.environment(PROVIDER, "free").await;
    post(world.start(PROVIDER, false, &free, good())).await.refused(400, invalid);
    let mut unsigned = start(good());
    unsigned["signature"] = json!("");
    post(unsigned).await.refused(400, "Invalid signature provided. Please check the nonce or documentId.");
    let mut forged = start(good());
    forged["nonce"] = json!(world.nonce());
    post(forged).await.refused(400, "Invalid signature 0x");

    // What comes beside a DID is never what runs.
    let mut parts = good();
    parts["algorithm"]["meta"] = json!({"rawcode": "print('evil')", "container": container("sh -c evil")});
    parts["algorithm"]["rawcode"] = json!("print('evil')");
    let body = start(parts);
    let begun = post(body.clone()).await.ok();
    let job = begun[0]["jobId"].as_str().unwrap().to_owned();
    assert_eq!((begun[0]["status"].as_u64(), &begun[0]["agreementId"]), (Some(1), &json!(data)));
    assert_eq!(begun[0]["owner"], json!(consumer));
    post(body).await.refused(400, "Invalid signature expected nonce");
    let row = world.finished(PROVIDER, &job).await;
    assert_eq!((row["status"].as_u64(), &row["statusText"]), (Some(70), &json!("Job finished")), "{row}");
    let names: Vec<_> = row["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| (file["filename"].clone(), file["type"].clone()))
        .collect();
    let expected = [
        ("model.json", "output"),
        ("plot.svg", "output"),
        ("algorithm.log", "algorithmLog"),
        ("configuration.log", "configrationLog"),
        ("publish.log", "publishLog"),
    ];
    assert_eq!(names, expected.map(|(name, kind)| (json!(name), json!(kind))), "{row}");
    let model = world.result(PROVIDER, BUYER, &job, 0).await;
    assert_eq!(model.headers()["content-disposition"], "attachment;filename=model.json");
    world.check_model(&model.json().await.unwrap());
    let plot = world.result(PROVIDER, BUYER, &job, 1).await.text().await.unwrap();
    assert!(plot.starts_with("<svg") && plot.ends_with("</svg>"));
    assert_eq!(
        world.result(PROVIDER, BUYER, &job, 2).await.text().await.unwrap(),
        format!("fitted {} rows\n", world.csv.lines().count() - 1)
    );

    // Somebody else's job is as good as none, and no question is ever widened.
    assert_eq!(world.result(PROVIDER, STRANGER, &job, 0).await.status(), 404);
    assert_eq!(world.result(PROVIDER, BUYER, &job, 9).await.status(), 404);
    for path in [
        format!("compute?consumerAddress={}&jobId={job}", world.address(STRANGER)),
        format!("compute?consumerAddress={consumer}&jobId=..%2Fx"),
        format!("compute?consumerAddress={consumer}&jobId={}", "0".repeat(32)),
    ] {
        assert_eq!(world.send(Method::GET, PROVIDER, &path, None).await.ok(), json!([]), "{path}");
    }
    world
        .send(Method::GET, PROVIDER, &format!("compute?jobId={job}"), None)
        .await
        .refused(400, "The consumerAddress field is required.");

    // An algorithm that was changed after it was trusted.
    let edited = world.publisher.edit_metadata(&world.algorithm.did, |document| {
        document.set("/metadata/algorithm/container/entrypoint", &json!("python -u $ALGO"))
    });
    edited.await.unwrap();
    post(start(good())).await.refused(400, r#"{"error":{"dataset":"algorithm_container_checksum_mismatch"}}"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_node_runs_jobs_for_nothing_and_for_an_escrow() {
    let world = World::new().await;
    let environment = world.environment(NODE, "free and paid").await;
    let ocean = world.testbed.deployment().ocean;
    let payee = world.testbed.provider_key().address();
    let consumer = world.address(BUYER).to_checksum(None);
    assert_eq!(environment["consumerAddress"], json!(payee.to_checksum(None)));
    let ask = json!({
        "datasets": [world.item(&world.dataset, None)], "algorithm": world.item(&world.algorithm, None),
        "environment": environment["id"], "consumerAddress": consumer, "maxJobDuration": 120,
        "payment": {"chainId": 8996, "token": ocean, "resources": [{"id": "cpu", "amount": 1}]},
    });
    let initialize = async |body: &Value| world.send(Method::POST, NODE, "initializeCompute", Some(body)).await;
    let mut greedy = ask.clone();
    greedy["payment"]["resources"][0]["amount"] = json!(5);
    initialize(&greedy).await.refused(400, "not enough cpu resources");
    let mut long = ask.clone();
    long["maxJobDuration"] = json!(3_601);
    initialize(&long).await.refused(400, "maxJobDuration");
    let mut other = ask.clone();
    other["algorithm"] = world.item(&world.untrusted, None);
    initialize(&other).await.refused(400, "the algorithm may not run on");

    let terms = initialize(&ask).await.ok();
    assert_eq!(
        (&terms["payment"]["amount"], &terms["payment"]["chainId"]),
        (&json!("2000000000000000000"), &json!(8996)),
        "{terms}"
    );
    assert_eq!(terms["datasets"][0]["validOrder"], false);
    let data = world.order(&world.dataset, &terms["datasets"][0]).await;
    let code = world.order(&world.algorithm, &terms["algorithm"]).await;
    let mut ordered = ask.clone();
    ordered["datasets"][0] = world.item(&world.dataset, Some(&data));
    assert_eq!(initialize(&ordered).await.ok()["datasets"][0]["validOrder"], json!(data));
    let broken = {
        let mut ask = ask.clone();
        ask["algorithm"] = world.item(&world.broken, None);
        world.order(&world.broken, &initialize(&ask).await.ok()["algorithm"]).await
    };

    // Free jobs are checked as paid ones are.
    let datasets = || json!([world.item(&world.dataset, Some(&data))]);
    let good = || json!({"datasets": datasets(), "algorithm": world.item(&world.algorithm, Some(&code))});
    let post = async |path: &str, body: Value| world.send(Method::POST, NODE, path, Some(&body)).await;
    let free = |parts: Value| world.start(NODE, true, &environment, parts);
    post(
        "freeCompute",
        free(json!({"datasets": [world.item(&world.dataset, None)], "algorithm": good()["algorithm"]})),
    )
    .await
    .refused(400, "is not ordered");
    post("freeCompute", free(json!({"datasets": datasets(), "algorithm": world.item(&world.algorithm, None)})))
        .await
        .refused(400, "is not ordered");
    let raw = json!({"meta": {"rawcode": "print(1)", "container": container(ENTRYPOINT)}});
    post("freeCompute", free(json!({"datasets": datasets(), "algorithm": raw})))
        .await
        .refused(400, "the algorithm may not run on");
    let mut output = good();
    output["output"] = json!("0x1234");
    post("freeCompute", free(output)).await.refused(400, "");
    let begun = post("freeCompute", free(good())).await.ok();
    let job = begun[0]["jobId"].as_str().unwrap().to_owned();
    let (cluster, bare) = job.rsplit_once('-').unwrap();
    assert!(environment["id"].as_str().unwrap().starts_with(cluster) && begun[0]["isFree"] == true);
    let row = world.finished(NODE, &job).await;
    // Status rows carry the bare name, and both are understood.
    assert_eq!((&row["jobId"], row["status"].as_u64()), (&json!(bare), Some(70)), "{row}");
    assert_eq!(world.finished(NODE, bare).await["jobId"], json!(bare));
    let names: Vec<_> = row["results"].as_array().unwrap().iter().map(|file| file["filename"].clone()).collect();
    assert_eq!(names, ["image.log", "configuration.log", "algorithm.log", "outputs.tar", "publish.log"]);
    let tar = world.result(NODE, BUYER, &job, 3).await.bytes().await.unwrap();
    let place = tar.windows(7).position(|window| window == b"{\"rows\"").unwrap();
    let end = place + tar[place..].iter().position(|byte| *byte == b'}').unwrap() + 1;
    world.check_model(&serde_json::from_slice(&tar[place..end]).unwrap());

    // Paid: nothing without funds, and then no job.
    let paid = |parts: Value| {
        let mut body = world.start(NODE, false, &environment, parts);
        for field in ["maxJobDuration", "payment"] {
            body[field] = ask[field].clone();
        }
        body
    };
    let escrow = Escrow::of_deployment(world.buyer.contracts()).await.unwrap();
    post("compute", paid(good())).await.refused(400, "the escrow");
    let seconds = terms["payment"]["minLockSeconds"].as_u64().unwrap();
    let amount = BaseUnits(U256::from(10) * ONE);
    escrow.deposit(ocean, amount).await.unwrap();
    let allowed = Authorize {
        token: ocean,
        payee,
        max_locked_amount: amount,
        max_lock: Duration::from_secs(seconds),
        max_locks: U256::from(5),
    };
    escrow.authorize(&allowed).await.unwrap();
    let begun = post("compute", paid(good())).await.ok();
    let job = begun[0]["jobId"].as_str().unwrap().to_owned();
    assert!(begun[0]["payment"]["lockTx"].as_str().unwrap().starts_with("0x"), "{begun}");
    let row = world.finished(NODE, &job).await;
    assert_eq!(row["status"], 70, "{row}");
    // Two minutes were locked, one is the least that is charged.
    assert_eq!(
        (&row["payment"]["cost"], row["payment"]["claimTx"].as_str().map(str::len)),
        (&json!("1000000000000000000"), Some(66)),
        "{row}"
    );
    let funds = escrow.funds(world.address(BUYER), ocean).await.unwrap();
    assert_eq!((funds.available, funds.locked), (BaseUnits(U256::from(9) * ONE), BaseUnits::ZERO));

    // A job that fails before its algorithm runs gives everything back.
    let failing = json!({"datasets": datasets(), "algorithm": world.item(&world.broken, Some(&broken))});
    let begun = post("compute", paid(failing)).await.ok();
    let row = world.finished(NODE, begun[0]["jobId"].as_str().unwrap()).await;
    assert_eq!(
        (row["status"].as_u64(), &row["statusText"]),
        (Some(11), &json!("Pulling algorithm image failed")),
        "{row}"
    );
    assert_eq!(row["results"][0]["filename"], "image.log");
    let funds = escrow.funds(world.address(BUYER), ocean).await.unwrap();
    assert_eq!((funds.available, funds.locked), (BaseUnits(U256::from(9) * ONE), BaseUnits::ZERO), "{row}");
}
