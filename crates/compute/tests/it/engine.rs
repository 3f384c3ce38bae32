use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use ocean_compute::{
    Error,
    engine::{JobFilter, SettleError, Settlement},
    job::{FailureKind, Job, JobId, JobSpec, Payment, State},
    status::status_of,
};
use ocean_primitives::{Address, Dialect};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;

use crate::{
    suite::is_running,
    world::{Files, Hooked, OWNER, Point, World, input, names, spec},
};

const DIALECTS: [Dialect; 2] = [Dialect::Provider, Dialect::OceanNode];

fn entries(tar: &[u8]) -> BTreeMap<String, String> {
    let mut archive = tar::Archive::new(tar);
    let read = |entry: std::io::Result<tar::Entry<'_, &[u8]>>| {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_string_lossy().into_owned();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut entry, &mut text).unwrap();
        (name, text)
    };
    archive.entries().unwrap().map(read).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_stack_has_its_container_and_its_results() {
    let files = Files::default()
        .with("did:op:aa", &[("a.csv", "one"), ("b.csv", "two")])
        .with("did:op:bb", &[("a.csv", "three"), ("", "four")]);
    let world = World::new(files).await;
    let script = "cd /data; find inputs ddos transformations -type f | sort; env | grep -E '^(DIDS|TRANSFORMATION_DID|INPUTS|OUTPUTS|LOGS|VOLUME|MINE)=' | sort; \
                  cat inputs/algoCustomData.json; echo result > outputs/b; mkdir outputs/d; echo deep > outputs/d/c; echo first > outputs/a";
    for dialect in DIALECTS {
        let mut spec = spec(dialect, script);
        spec.datasets = vec![input("did:op:aa"), input("did:op:bb")];
        spec.datasets[0].document = Some("{}".to_owned());
        spec.algorithm.custom_data = Some(json!({"x": 1}));
        spec.algorithm.environment = BTreeMap::from([("MINE".to_owned(), "yes".to_owned())]);
        let job = world.run(spec).await;
        assert_eq!(job.exit.unwrap().code, Some(0), "{job:#?} {}", world.result(&job, "algorithm.log").await);
        assert_eq!((job.failure.clone(), status_of(&job).number), (None, 70));
        let log = world.result(&job, "algorithm.log").await;
        if dialect == Dialect::Provider {
            assert_eq!(
                log,
                "ddos/aa\ninputs/aa/0\ninputs/aa/1\ninputs/algoCustomData.json\ninputs/bb/0\ninputs/bb/1\ntransformations/algorithm\n\
                 DIDS=[\"aa\",\"bb\"]\nINPUTS=/data/inputs\nLOGS=/data/logs\nOUTPUTS=/data/outputs\nTRANSFORMATION_DID=\nVOLUME=/data\n{\"x\":1}"
            );
            assert_eq!(names(&job), ["a", "b", "d/c", "algorithm.log", "configuration.log", "publish.log"]);
            assert_eq!(world.result(&job, "d/c").await, "deep\n");
        } else {
            assert_eq!(
                log,
                "inputs/a-2.csv\ninputs/a.csv\ninputs/algoCustomData.json\ninputs/b.csv\ninputs/file1\ntransformations/algorithm\nMINE=yes\n{\"x\":1}"
            );
            assert_eq!(names(&job), ["image.log", "configuration.log", "algorithm.log", "outputs.tar", "publish.log"]);
            let entries = entries(&world.bytes(&job, "outputs.tar").await);
            assert_eq!((entries["outputs/a"].as_str(), entries["outputs/d/c"].as_str()), ("first\n", "deep\n"));
        }
        // A download goes on where it was interrupted.
        let index = names(&job).iter().position(|name| *name == "algorithm.log").unwrap();
        let opened = world.engine.open_result(&job.id, index, 5).await.unwrap();
        assert_eq!((opened.size, opened.offset), (log.len() as u64, 5));
        assert_eq!(world.read(&job.id, index, 5).await, &log.as_bytes()[5..]);
        assert_eq!(world.read(&job.id, index, 1_000_000).await, b"");
        assert!(world.engine.open_result(&job.id, 99, 0).await.unwrap_err().is_not_found());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_is_said_with_its_reason() {
    let checked = hex::encode(Sha256::digest("good"));
    let files = Files::default().with("did:op:aa", &[("a", "good")]).with("did:op:bb", &[("a", "bad")]);
    let world = World::new(files).await;
    let digests = Some(vec![checked]);
    type Case = (&'static str, fn(&mut JobSpec, Option<Vec<String>>), Option<FailureKind>, [u16; 2], &'static str);
    let cases: [Case; 8] = [
        (
            "a file as it was checked",
            |spec, digests| {
                spec.datasets = vec![input("did:op:aa")];
                spec.datasets[0].digests = digests;
            },
            None,
            [70, 70],
            "exit code 0",
        ),
        (
            "another file than was checked",
            |spec, digests| {
                spec.datasets = vec![input("did:op:bb")];
                spec.datasets[0].digests = digests;
            },
            Some(FailureKind::Data),
            [31, 31],
            "not the one that was checked",
        ),
        (
            "another algorithm than was checked",
            |spec, digests| {
                spec.algorithm.input = input("did:op:bb");
                spec.algorithm.input.digests = digests;
            },
            Some(FailureKind::Algorithm),
            [32, 32],
            "not the one that was checked",
        ),
        (
            "more files than were checked",
            |spec, _| {
                spec.algorithm.input = input("did:op:aa");
                spec.algorithm.input.digests = Some(Vec::new());
            },
            Some(FailureKind::Algorithm),
            [32, 32],
            "has 1 files, 0 were checked",
        ),
        (
            "a dataset that is not there",
            |spec, _| spec.datasets = vec![input("did:op:cc")],
            Some(FailureKind::Data),
            [31, 31],
            "there is no did:op:cc",
        ),
        (
            "an image that is not there",
            |spec, _| spec.algorithm.image.name = "nobody/nothing".to_owned(),
            Some(FailureKind::ImagePull),
            [70, 11],
            "no image `nobody/nothing:latest`",
        ),
        (
            "a program that is not there",
            |spec, _| spec.algorithm.entrypoint = "nothing $ALGO".to_owned(),
            Some(FailureKind::Run),
            [70, 41],
            "No such file",
        ),
        (
            "an algorithm that fails",
            |spec, _| spec.algorithm.raw_code = Some("exit 7".to_owned()),
            None,
            [70, 70],
            "exit code 7",
        ),
    ];
    for (name, change, kind, numbers, text) in cases {
        for (dialect, number) in DIALECTS.into_iter().zip(numbers) {
            let mut spec = spec(dialect, "true");
            change(&mut spec, digests.clone());
            let job = world.run(spec).await;
            assert_eq!(job.failure.as_ref().map(|failure| failure.kind), kind, "{name}: {job:#?}");
            assert_eq!(status_of(&job).number, number, "{name}");
            let log = world.result(&job, "publish.log").await;
            assert!(log.contains(text), "{name}: {log}");
            let folder = world.engine.folder().join("jobs").join(job.id.as_str());
            for gone in ["inputs", "transformations", "outputs", "sandbox"] {
                assert!(!folder.join(gone).exists(), "{name}: {gone} is left");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_offered_is_refused() {
    let world = World::with(Files::default(), |parts| parts.environments[0].max_queued = 2).await;
    type Change = fn(&mut JobSpec);
    let cases: [(Change, &str); 8] = [
        (|spec| spec.environment = "other".to_owned(), "there is no compute environment `other`"),
        (|spec| spec.max_duration = 3_601, "the longest is 3600 s"),
        (|spec| spec.max_duration = 0, "a job of 0 s"),
        (
            |spec| spec.resources = BTreeMap::from([("cpu".to_owned(), 3)]),
            "not enough cpu resources: 3 asked for, 2 is the most",
        ),
        (|spec| spec.resources = BTreeMap::from([("gpu".to_owned(), 1)]), "no resource `gpu`"),
        (|spec| spec.algorithm.entrypoint = String::new(), "no entrypoint"),
        (|spec| spec.payment = Some(Payment::default()), "nothing can be paid here"),
        (
            |spec| {
                spec.free = true;
                spec.algorithm.image.dockerfile = Some("FROM scratch".to_owned());
            },
            "not built for free",
        ),
    ];
    for (change, text) in cases {
        let mut spec = spec(Dialect::OceanNode, "true");
        change(&mut spec);
        let error = world.engine.submit(spec, None).await.unwrap_err();
        assert!(error.is_refusal() && error.to_string().contains(text), "{text}: {error}");
    }
    // Two run, two wait, and that is all.
    let sleeper = || spec(Dialect::Provider, "sleep 20");
    let mut jobs = Vec::new();
    for _ in 0..2 {
        let job = world.submit(sleeper()).await;
        jobs.push(world.reaches(&job.id, |job| job.state == State::Run).await);
    }
    for _ in 0..2 {
        jobs.push(world.submit(sleeper()).await);
    }
    let full = world.engine.submit(sleeper(), None).await.unwrap_err();
    assert!(matches!(full, Error::QueueFull { .. }) && full.is_retryable(), "{full}");
    let usage = &world.engine.environments().await.unwrap()[0];
    assert_eq!((usage.running, usage.queued, usage.running_free, usage.in_use["cpu"]), (2, 2, 0, 2));
    // One that waits is stopped at once; one that runs keeps what it has said.
    for job in jobs.iter().rev() {
        world.engine.stop(&job.id).await.unwrap();
    }
    for job in &jobs {
        let job = world.done(&job.id).await;
        assert_eq!((status_of(&job).number, job.failure.clone()), (70, None));
        assert_eq!(job.exit.map(|exit| exit.stopped), job.started.map(|_| true));
    }
    let unknown: JobId = "00".parse().unwrap();
    assert!(world.engine.stop(&unknown).await.unwrap_err().is_not_found());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_is_followed_from_its_first_second() {
    let world = World::new(Files::default()).await;
    let script = "echo begun; while [ ! -e /data/inputs/go ]; do sleep 0.05; done; echo ended";
    let job = world.submit(spec(Dialect::OceanNode, script)).await;
    let mut log = world.engine.follow_log(&job.id).await;
    while log.is_err() {
        tokio::time::sleep(Duration::from_millis(5)).await;
        log = world.engine.follow_log(&job.id).await;
    }
    let mut log = log.unwrap();
    assert_eq!(log.next().await.unwrap().unwrap(), "begun\n");
    let job = world.engine.job(&job.id).await.unwrap().unwrap();
    assert_eq!(job.state, State::Run);
    std::fs::write(world.engine.folder().join("jobs").join(job.id.as_str()).join("inputs/go"), "").unwrap();
    assert_eq!(log.next().await.unwrap().unwrap(), "ended\n");
    assert!(log.next().await.is_none());
    world.done(&job.id).await;
    let over = world.engine.follow_log(&job.id).await;
    assert!(matches!(over.err(), Some(Error::NotRunning(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_jobs_on_two_places_all_finish() {
    let world = World::new(Files::default()).await;
    let mut ids = Vec::new();
    for number in 0..50 {
        let script = format!("echo {number} > /data/outputs/number");
        ids.push(world.submit(spec(Dialect::Provider, &script)).await.id);
    }
    let watching = async {
        let mut most = 0;
        loop {
            let usage = &world.engine.environments().await.unwrap()[0];
            most = most.max(usage.running);
            assert!(usage.running <= 2, "{} run at once", usage.running);
            if usage.running + usage.queued == 0 {
                break most;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let most = tokio::time::timeout(Duration::from_secs(120), watching).await.unwrap();
    assert_eq!(most, 2, "two run side by side");
    for (number, id) in ids.iter().enumerate() {
        let job = world.done(id).await;
        assert_eq!(world.result(&job, "number").await, format!("{number}\n"));
    }
    let (first, last) = (world.done(&ids[0]).await, world.done(&ids[49]).await);
    assert!(first.finished < last.finished, "the queue is served in order");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_and_keeping_end_with_the_clock() {
    let world = World::with(Files::default(), |parts| {
        parts.environments[0].max_jobs = 1;
        parts.environments[0].max_queue_wait = 100;
        parts.environments[0].storage_expiry = 1_000;
    })
    .await;
    let running = world.submit(spec(Dialect::OceanNode, "sleep 20")).await;
    world.reaches(&running.id, |job| job.state == State::Run).await;
    let waiting = world.submit(spec(Dialect::OceanNode, "true")).await;
    world.clock.advance(Duration::from_secs(101));
    let waited = world.done(&waiting.id).await;
    assert_eq!((status_of(&waited).number, status_of(&waited).text), (2, "Job expired in queue"));
    world.engine.stop(&running.id).await.unwrap();
    let running = world.done(&running.id).await;
    assert!(!running.results.is_empty(), "{running:#?}");
    assert!(!world.read(&running.id, 0, 0).await.is_empty());
    world.clock.advance(Duration::from_secs(1_001));
    world.reaches(&running.id, |job| job.expired).await;
    assert!(world.engine.open_result(&running.id, 0, 0).await.unwrap_err().is_not_found());
    assert!(!world.engine.folder().join("jobs").join(running.id.as_str()).exists());
    assert_eq!(world.engine.jobs(JobFilter { owner: Some(OWNER), ..JobFilter::default() }).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn questions_are_never_widened() {
    let world = World::new(Files::default()).await;
    let job = world.run(JobSpec { agreement_id: "0xaa".to_owned(), ..spec(Dialect::Provider, "true") }).await;
    let id = Some(job.id.clone());
    let other = Some(Address::repeat_byte(9));
    let unknown: Option<JobId> = Some("ffff".parse().unwrap());
    let count = async |filter: JobFilter| world.engine.jobs(filter).await.unwrap().len();
    let none = JobFilter::default;
    assert_eq!(count(none()).await, 0);
    assert_eq!(count(JobFilter { id: id.clone(), ..none() }).await, 1);
    assert_eq!(count(JobFilter { owner: Some(OWNER), ..none() }).await, 1);
    assert_eq!(count(JobFilter { agreement_id: Some("0xaa".to_owned()), ..none() }).await, 1);
    assert_eq!(count(JobFilter { id, owner: other, ..none() }).await, 0);
    assert_eq!(count(JobFilter { id: unknown, owner: Some(OWNER), ..none() }).await, 0);
    assert_eq!(count(JobFilter { agreement_id: Some("0xab".to_owned()), owner: Some(OWNER), ..none() }).await, 0);
    for bad in ["", "../x", "AA", "0x12", &"a".repeat(65)] {
        assert!(bad.parse::<JobId>().is_err(), "{bad}");
    }
    // An agreement pays for one job at a time.
    let running =
        world.submit(JobSpec { agreement_id: "0xcc".to_owned(), ..spec(Dialect::Provider, "sleep 20") }).await;
    let again =
        world.engine.submit(JobSpec { agreement_id: "0xcc".to_owned(), ..spec(Dialect::Provider, "true") }, None).await;
    assert_eq!(again.unwrap_err().to_string(), "`agreementId` already in use for other job.");
    assert!(world.engine.delete(&running.id).await.unwrap_err().is_refusal());
    world.engine.stop(&running.id).await.unwrap();
    world.done(&running.id).await;
    world.engine.delete(&running.id).await.unwrap();
    assert!(world.engine.job(&running.id).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_state_lasts_for_ever() {
    let backend = Arc::new(crate::process::backend().await);
    let points = [
        (Point::Prepare, FailureKind::ImagePull),
        (Point::Start, FailureKind::Create),
        (Point::Wait, FailureKind::Run),
        (Point::Collect, FailureKind::Outputs),
    ];
    for (point, kind) in points {
        let backend = backend.clone();
        let world = World::with(Files::default(), |parts| {
            let marker = parts.folder.with_extension("marker");
            parts.backend = Arc::new(Hooked { inner: backend, point: Some((point, true)), marker });
            let limits = &mut parts.limits;
            (limits.image, limits.start, limits.collect) =
                (Duration::from_secs(1), Duration::from_secs(1), Duration::from_secs(1));
            limits.grace = Duration::from_millis(500);
        })
        .await;
        let mut spec = spec(Dialect::OceanNode, "sleep 77126");
        spec.max_duration = 1;
        let job = world.run(spec).await;
        assert_eq!(job.failure.as_ref().map(|failure| failure.kind), Some(kind), "{job:#?}");
        assert!(job.failure.unwrap().reason.contains("in the state"));
        assert!(!is_running("77126"), "{point:?}");
    }
}

/// Counts what is locked, and fails as told.
#[derive(Debug, Default)]
struct Bank {
    refuse: bool,
    failures: Mutex<u32>,
    locked: Mutex<BTreeMap<String, u64>>,
    claimed: Mutex<BTreeMap<String, u64>>,
}

#[async_trait]
impl Settlement for Bank {
    async fn lock(&self, job: &Job) -> Result<Payment, SettleError> {
        if self.refuse {
            return Err(SettleError { text: "no funds".to_owned() });
        }
        self.locked.lock().await.insert(job.id.to_string(), 10);
        Ok(Payment { lock_tx: "0x01".to_owned(), ..job.spec.payment.clone().unwrap() })
    }

    async fn settle(&self, job: &Job) -> Result<Payment, SettleError> {
        let mut failures = self.failures.lock().await;
        if *failures > 0 {
            *failures -= 1;
            return Err(SettleError { text: "the chain does not answer".to_owned() });
        }
        self.locked.lock().await.remove(job.id.as_str());
        self.claimed.lock().await.insert(job.id.to_string(), job.seconds_used());
        Ok(Payment { claim_tx: "0x02".to_owned(), ..job.spec.payment.clone().unwrap() })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_locked_is_always_settled() {
    let paid = |script: &str| JobSpec { payment: Some(Payment::default()), ..spec(Dialect::OceanNode, script) };
    let bank = Arc::new(Bank { failures: Mutex::new(2), ..Bank::default() });
    let world = World::with(Files::default(), |parts| {
        parts.settlement = Some(bank.clone());
        parts.limits.settle_pause = Duration::from_millis(5);
    })
    .await;
    let job = world.submit(paid("sleep 1.1")).await;
    assert_eq!(job.spec.payment.as_ref().unwrap().lock_tx, "0x01");
    let job = world.done(&job.id).await;
    assert_eq!((job.settle_attempts, job.spec.payment.unwrap().claim_tx.as_str()), (2, "0x02"));
    assert_eq!(bank.claimed.lock().await[job.id.as_str()], 2, "1.1 s are two");
    // A job that fails before it runs costs nothing and leaves nothing locked.
    let mut broken = paid("true");
    broken.algorithm.image.name = "nobody/nothing".to_owned();
    let job = world.run(broken).await;
    assert_eq!(bank.claimed.lock().await[job.id.as_str()], 0);
    assert!(bank.locked.lock().await.is_empty());

    let bank = Arc::new(Bank { refuse: true, ..Bank::default() });
    let world = World::with(Files::default(), |parts| parts.settlement = Some(bank.clone())).await;
    let refused = world.engine.submit(paid("true"), None).await.unwrap_err();
    assert_eq!(refused.to_string(), "no funds");
    world.engine.drained().await.unwrap();
    assert_eq!(bank.claimed.lock().await.len(), 1, "the chain is asked whether something was locked all the same");
}
