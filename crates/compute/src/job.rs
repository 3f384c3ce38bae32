//! A job: what was asked for, how far it is, and how it ended. The two protocols' words for it are in [`crate::status`].

use std::{collections::BTreeMap, fmt, str::FromStr};

use jiff::Timestamp;
use ocean_primitives::{Address, ChainId, Dialect};
use rand::RngCore as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use crate::{
    backend::{Exit, Limits},
    image::Image,
};

/// The name of a job: lower-case hexadecimal digits, so that it may also be the name of a directory or a container.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(String);

impl JobId {
    /// A new one, as long as `dialect` makes them: 32 digits, or 64 for ocean-node.
    pub fn random(dialect: Dialect) -> Self {
        let mut bytes = [0_u8; 32];
        rand::thread_rng().fill_bytes(&mut bytes);
        let length = if dialect == Dialect::OceanNode { 32 } else { 16 };
        Self(hex::encode(&bytes[..length]))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text is no job's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a job's name is 1 to 64 lower-case hexadecimal digits")]
pub struct JobIdError;

impl FromStr for JobId {
    type Err = JobIdError;

    fn from_str(text: &str) -> Result<Self, JobIdError> {
        let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if digits && (1..=64).contains(&text.len()) { Ok(Self(text.to_owned())) } else { Err(JobIdError) }
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for JobId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for JobId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// How far a job is. Each step is on disk before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum State {
    /// What it may cost is locked.
    Lock,
    /// It waits for a place.
    Queued,
    /// Its image is found, fetched or built.
    Image,
    /// Inputs and algorithm are fetched.
    Provision,
    /// Its container is made and started.
    Start,
    /// The algorithm runs.
    Run,
    /// Results and logs are put together.
    Collect,
    /// What was locked for it is claimed or released.
    Settle,
    /// It is over.
    Done,
}

impl State {
    /// Every state, in order.
    pub const ALL: [Self; 8] =
        [Self::Queued, Self::Image, Self::Provision, Self::Start, Self::Run, Self::Collect, Self::Settle, Self::Done];

    /// Whether the job takes a place of its environment.
    pub fn is_active(self) -> bool {
        (Self::Image..=Self::Collect).contains(&self)
    }

    /// The word that stands for it in logs and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lock => "lock",
            Self::Queued => "queued",
            Self::Image => "image",
            Self::Provision => "provision",
            Self::Start => "start",
            Self::Run => "run",
            Self::Collect => "collect",
            Self::Settle => "settle",
            Self::Done => "done",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What kept a job from ending well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FailureKind {
    /// Nothing could be locked for it.
    Payment,
    /// No place became free in time.
    QueueExpired,
    /// There is no such image, or it cannot be fetched.
    ImagePull,
    /// The image cannot be built.
    ImageBuild,
    /// The space for results cannot be made.
    Volume,
    /// The container cannot be made.
    Create,
    /// A dataset cannot be fetched, or is not what it should be.
    Data,
    /// The algorithm cannot be fetched, or is not what was checked.
    Algorithm,
    /// The files cannot be handed to the container.
    Upload,
    /// The algorithm cannot be started, or was lost while it ran.
    Run,
    /// The algorithm wrote more than it may.
    Disk,
    /// The results cannot be read.
    Outputs,
    /// The results cannot be stored.
    Results,
}

/// What kept a job from ending well, with the reason in words for its owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What failed.
    pub kind: FailureKind,
    /// Why.
    pub reason: String,
}

impl Failure {
    /// A failure of this kind.
    pub fn new(kind: FailureKind, reason: impl Into<String>) -> Self {
        Self { kind, reason: reason.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

/// An asset that goes into a job.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// Its DID; empty for an algorithm that comes with the request.
    pub did: String,
    /// The service it was ordered through.
    pub service_id: String,
    /// The order.
    #[serde(default)]
    pub transfer_tx: String,
    /// The consumer's parameters for its files.
    #[serde(default)]
    pub user_data: Option<Value>,
    /// The document, for algorithms that read it.
    #[serde(default)]
    pub document: Option<String>,
    /// The SHA-256 of each file as hexadecimal text, where the files have been checked before; another content is refused.
    #[serde(default)]
    pub digests: Option<Vec<String>>,
    /// What the source needs to find the files again; the engine does not look at it.
    #[serde(default)]
    pub source: Value,
}

/// What runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Algorithm {
    /// The published algorithm, or an empty DID.
    pub input: Input,
    /// Code that came with the request; only for an algorithm without a DID.
    #[serde(default)]
    pub raw_code: Option<String>,
    /// The image it runs in.
    pub image: Image,
    /// The command, in which `$ALGO` stands for the algorithm's file.
    pub entrypoint: String,
    /// The consumer's parameters for the algorithm; it finds them in `algoCustomData.json`.
    #[serde(default)]
    pub custom_data: Option<Value>,
    /// Environment variables (ocean-node).
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
}

/// What was locked for a job and what became of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    /// The chain.
    pub chain_id: Option<ChainId>,
    /// The token.
    pub token: Option<Address>,
    /// What was locked, in base units as decimal text.
    #[serde(default)]
    pub locked: String,
    /// The transaction that locked it.
    #[serde(default)]
    pub lock_tx: String,
    /// The transaction that claimed it.
    #[serde(default)]
    pub claim_tx: String,
    /// The transaction that released it.
    #[serde(default)]
    pub cancel_tx: String,
    /// What was claimed, in base units as decimal text.
    #[serde(default)]
    pub cost: String,
    /// What the settlement needs to know; the engine does not look at it.
    #[serde(default)]
    pub terms: Value,
}

/// One thing that a job left behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultFile {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// What it is.
    pub kind: ResultKind,
}

/// What a result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ResultKind {
    /// Of the algorithm.
    Output,
    /// The algorithm's log.
    AlgorithmLog,
    /// What fetching the inputs said.
    ConfigurationLog,
    /// What the image said.
    ImageLog,
    /// What putting the results together said.
    PublishLog,
}

/// A job as it is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobSpec {
    /// Whose words the job's container, states and results follow.
    pub dialect: Dialect,
    /// Who asked for it.
    pub owner: Address,
    /// The chain of its orders.
    pub chain_id: Option<ChainId>,
    /// The transaction that pays for it in the old stack; empty in the new one.
    #[serde(default)]
    pub agreement_id: String,
    /// The environment.
    pub environment: String,
    /// Whether it runs in the environment's free part.
    pub free: bool,
    /// The datasets.
    pub datasets: Vec<Input>,
    /// The algorithm.
    pub algorithm: Algorithm,
    /// How long it may run, in seconds.
    pub max_duration: u64,
    /// Resources by id, as asked for.
    #[serde(default)]
    pub resources: BTreeMap<String, u64>,
    /// Whether every dataset lets it reach the network; the environment has to as well.
    #[serde(default)]
    pub network: bool,
    /// Whatever the client wants to find again.
    #[serde(default)]
    pub metadata: Option<Value>,
    /// What was locked for it.
    #[serde(default)]
    pub payment: Option<Payment>,
    /// What else of the request the answers show; the engine does not look at it.
    #[serde(default)]
    pub extra: Value,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Job {
    /// Its name.
    pub id: JobId,
    /// What was asked for.
    pub spec: JobSpec,
    /// What it may use.
    pub limits: Limits,
    /// Whether environment and datasets let it reach the network.
    pub network: bool,
    /// How far it is.
    pub state: State,
    /// What failed, if anything did.
    pub failure: Option<Failure>,
    /// Whether its owner asked to stop it.
    pub stop: bool,
    /// When it was asked for.
    pub created: Timestamp,
    /// When it was over.
    pub finished: Option<Timestamp>,
    /// When its present state began.
    pub entered: Timestamp,
    /// When its image was begun to be made ready.
    pub image_started: Option<Timestamp>,
    /// When the algorithm started.
    pub started: Option<Timestamp>,
    /// When the algorithm ended.
    pub ended: Option<Timestamp>,
    /// How the algorithm ended.
    pub exit: Option<Exit>,
    /// What it left behind.
    pub results: Vec<ResultFile>,
    /// How often settling has failed so far.
    #[serde(default)]
    pub settle_attempts: u32,
    /// Whether the results have been removed since their time was over.
    #[serde(default)]
    pub expired: bool,
}

impl Job {
    /// Whether it is over.
    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// The time the algorithm ran, in seconds, rounded up; nothing when it never started.
    pub fn seconds_used(&self) -> u64 {
        let (Some(started), Some(ended)) = (self.started, self.ended) else { return 0 };
        let milliseconds = ended.as_millisecond().saturating_sub(started.as_millisecond()).max(0);
        u64::try_from(milliseconds).unwrap_or_default().div_ceil(1_000)
    }
}
