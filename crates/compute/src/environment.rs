//! What a server offers for jobs.

use std::collections::BTreeMap;

use ocean_primitives::{Address, ChainId, Decimal};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::value::RawValue;

use crate::{
    backend::Limits,
    error::{Error, Result},
};

/// Bytes of a gigabyte, as both stacks count memory and disks.
const GIB: u64 = 1024 * 1024 * 1024;

/// A price in whole tokens: exact, whatever a float would make of it. In JSON a number, or its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price(pub Decimal);

impl Serialize for Price {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let number = RawValue::from_string(self.0.to_string()).map_err(serde::ser::Error::custom)?;
        number.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get().trim_matches('"');
        Decimal::parse_json(text).map(Self).map_err(de::Error::custom)
    }
}

/// One resource: `cpu` in processors, `ram` and `disk` in gigabytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Resource {
    /// Its name.
    pub id: String,
    /// How much there is for all jobs together.
    pub total: u64,
    /// The least that a job gets.
    #[serde(default)]
    pub min: u64,
    /// The most that a job gets; all of it if not given.
    #[serde(default)]
    pub max: Option<u64>,
}

impl Resource {
    /// A resource of which one job may have everything.
    pub fn new(id: impl Into<String>, total: u64, min: u64) -> Self {
        Self { id: id.into(), total, min, max: None }
    }

    /// The most that a job gets.
    pub fn most(&self) -> u64 {
        self.max.unwrap_or(self.total).min(self.total)
    }
}

/// What a resource costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourcePrice {
    /// The resource.
    pub id: String,
    /// Whole tokens for one unit and one minute.
    pub price: Price,
}

/// Prices in one token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FeeOffer {
    /// The token.
    pub fee_token: Address,
    /// Its prices; a resource without one costs nothing.
    pub prices: Vec<ResourcePrice>,
}

/// Who may use an environment. Nobody is kept out while both are empty; else one of them has to name the consumer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Access {
    /// Accounts.
    pub addresses: Vec<Address>,
    /// Contracts by chain; who holds one of their tokens is named.
    pub access_lists: Vec<BTreeMap<ChainId, Vec<Address>>>,
}

impl Access {
    /// Whether anybody is kept out.
    pub fn is_restricted(&self) -> bool {
        !self.addresses.is_empty() || self.access_lists.iter().any(|lists| lists.values().any(|list| !list.is_empty()))
    }
}

/// What costs nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FreeTier {
    /// The longest job, in seconds.
    #[serde(default = "default_max_duration")]
    pub max_job_duration: u64,
    /// How many jobs run at once.
    #[serde(default = "default_free_jobs")]
    pub max_jobs: u32,
    /// How long a job waits for a place, in seconds.
    #[serde(default = "default_queue_wait")]
    pub max_queue_wait: u64,
    /// The most of each resource.
    #[serde(default)]
    pub resources: Vec<Resource>,
    /// Who may use it.
    #[serde(default)]
    pub access: Access,
    /// Whether images are built for it.
    #[serde(default)]
    pub allow_image_build: bool,
}

impl Default for FreeTier {
    fn default() -> Self {
        Self {
            max_job_duration: default_max_duration(),
            max_jobs: default_free_jobs(),
            max_queue_wait: default_queue_wait(),
            resources: Vec::new(),
            access: Access::default(),
            allow_image_build: false,
        }
    }
}

/// What a server offers for jobs. Every setting that is read is a field here; unknown ones are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Environment {
    /// Its name.
    pub id: String,
    /// For people.
    #[serde(default)]
    pub description: String,
    /// The kind of processor, for people.
    #[serde(default)]
    pub cpu_type: Option<String>,
    /// What there is; `cpu`, `ram` and `disk` at least.
    pub resources: Vec<Resource>,
    /// New stack: prices by chain.
    #[serde(default)]
    pub fees: BTreeMap<ChainId, Vec<FeeOffer>>,
    /// Old stack: whole fee tokens for one minute.
    #[serde(default)]
    pub price_min: Option<Price>,
    /// What costs nothing, if anything does.
    #[serde(default)]
    pub free: Option<FreeTier>,
    /// Who may use the paid part.
    #[serde(default)]
    pub access: Access,
    /// How long results are kept, in seconds.
    #[serde(default = "default_storage_expiry")]
    pub storage_expiry: u64,
    /// The shortest time that is charged, in seconds.
    #[serde(default = "default_min_duration")]
    pub min_job_duration: u64,
    /// The longest job, in seconds.
    #[serde(default = "default_max_duration")]
    pub max_job_duration: u64,
    /// How many paid jobs run at once.
    #[serde(default = "default_jobs")]
    pub max_jobs: u32,
    /// How many jobs wait at once, paid and free together.
    #[serde(default = "default_queue")]
    pub max_queued: u32,
    /// How long a paid job waits for a place, in seconds.
    #[serde(default = "default_queue_wait")]
    pub max_queue_wait: u64,
    /// Whether jobs may reach the network, where every dataset allows it as well.
    #[serde(default)]
    pub enable_network: bool,
    /// Processes and threads of one job.
    #[serde(default = "default_processes")]
    pub max_processes: u32,
}

const fn default_storage_expiry() -> u64 {
    604_800
}

const fn default_min_duration() -> u64 {
    60
}

const fn default_max_duration() -> u64 {
    3_600
}

const fn default_jobs() -> u32 {
    1
}

const fn default_free_jobs() -> u32 {
    3
}

const fn default_queue() -> u32 {
    100
}

const fn default_queue_wait() -> u64 {
    3_600
}

const fn default_processes() -> u32 {
    512
}

impl Environment {
    /// An environment with these processors, gigabytes of memory and gigabytes of disk, and every other setting at its default.
    pub fn new(id: impl Into<String>, cpus: u64, ram: u64, disk: u64) -> Self {
        Self {
            id: id.into(),
            description: String::new(),
            cpu_type: None,
            resources: vec![
                Resource::new("cpu", cpus, 1),
                Resource::new("ram", ram, 1),
                Resource::new("disk", disk, 0),
            ],
            fees: BTreeMap::new(),
            price_min: None,
            free: None,
            access: Access::default(),
            storage_expiry: default_storage_expiry(),
            min_job_duration: default_min_duration(),
            max_job_duration: default_max_duration(),
            max_jobs: default_jobs(),
            max_queued: default_queue(),
            max_queue_wait: default_queue_wait(),
            enable_network: false,
            max_processes: default_processes(),
        }
    }

    /// Whether the settings make sense together.
    ///
    /// # Errors
    /// The first that does not.
    pub fn check(&self) -> Result<()> {
        let wrong = |problem: &str| {
            Err(Error::Setting { name: "compute environment", problem: format!("`{}`: {problem}", self.id) })
        };
        if self.id.is_empty() || self.id.len() > 200 {
            return wrong("the id is empty or too long");
        }
        for id in ["cpu", "ram", "disk"] {
            let Some(resource) = self.resource(id) else { return wrong("cpu, ram and disk are mandatory") };
            if resource.total == 0 || resource.min > resource.most() {
                return wrong("a resource has less in all than one job gets at least");
            }
        }
        if self.max_jobs == 0 || self.max_job_duration == 0 || self.min_job_duration > self.max_job_duration {
            return wrong("the limits leave no job");
        }
        Ok(())
    }

    /// A resource by its name.
    pub fn resource(&self, id: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.id == id)
    }

    /// What of each resource a job gets that asks for `wanted`: no less than the least; what is not named is the least.
    ///
    /// # Errors
    /// More than one job may have, or a resource that is not there.
    pub fn grant(&self, free: bool, wanted: &BTreeMap<String, u64>) -> Result<BTreeMap<String, u64>> {
        if let Some(unknown) = wanted.keys().find(|id| self.resource(id).is_none()) {
            return Err(Error::NotOffered(format!("environment `{}` has no resource `{unknown}`", self.id)));
        }
        let tier = if free { self.free.as_ref() } else { None };
        let mut granted = BTreeMap::new();
        for resource in &self.resources {
            let narrowed = tier.and_then(|tier| tier.resources.iter().find(|other| other.id == resource.id));
            let most = narrowed.map_or(resource.most(), |other| other.most().min(resource.most()));
            let amount = wanted.get(&resource.id).copied().unwrap_or_default().max(resource.min.min(most));
            if amount > most {
                let id = &resource.id;
                return Err(Error::NotOffered(format!(
                    "not enough {id} resources: {amount} asked for, {most} is the most"
                )));
            }
            granted.insert(resource.id.clone(), amount);
        }
        Ok(granted)
    }

    /// What a backend is told of a grant. A disk of 0 is the smallest that holds a result.
    pub fn limits(&self, granted: &BTreeMap<String, u64>, seconds: u64) -> Limits {
        let amount = |id: &str| granted.get(id).copied().unwrap_or_default();
        let disk = match amount("disk") {
            0 => 64 * 1024 * 1024,
            gigabytes => gigabytes.saturating_mul(GIB),
        };
        Limits {
            memory: amount("ram").max(1).saturating_mul(GIB),
            milli_cpus: u32::try_from(amount("cpu").max(1).saturating_mul(1_000)).unwrap_or(u32::MAX),
            processes: self.max_processes,
            disk,
            time: std::time::Duration::from_secs(seconds),
            ..Limits::default()
        }
    }
}

/// An environment and how much of it is in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// What is offered.
    pub environment: Environment,
    /// What running jobs hold of each resource, paid and free together.
    pub in_use: BTreeMap<String, u64>,
    /// What free ones hold of it.
    pub free_in_use: BTreeMap<String, u64>,
    /// Paid jobs that run.
    pub running: u32,
    /// Free jobs that run.
    pub running_free: u32,
    /// Paid jobs that wait.
    pub queued: u32,
    /// Free jobs that wait.
    pub queued_free: u32,
}
