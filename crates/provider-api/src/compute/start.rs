//! `POST /api/services/initializeCompute`, `POST /api/services/compute`, `POST /api/services/freeCompute`

use std::collections::BTreeMap;

use ocean_crypto::{Message, command};
use ocean_primitives::{Address, ChainId, Dialect};
use serde_json::{Map, Value};

use super::{ComputeFault, json_value};
use crate::{
    error::ApiError,
    request::RequestData,
    signed::{AuthContext, Authorization, authorize},
    validation::{Rule, Validation},
};

/// The most datasets of one job.
const MOST_DATASETS: usize = 50;

/// The longest code that comes with a request, in bytes.
const MOST_CODE: usize = 512 * 1024;

/// An asset as a request names it.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct AssetRef {
    /// The DID as sent; empty where none was.
    pub document_id: String,
    /// The service's id as sent.
    pub service_id: String,
    /// The order as sent.
    pub transfer_tx: Option<String>,
    /// The consumer's parameters for its files.
    pub user_data: Option<Value>,
}

/// What code that comes with a request runs in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RawContainer {
    /// The command, with `$ALGO` for the code's file.
    pub entrypoint: String,
    /// The image's name.
    pub image: String,
    /// Its tag.
    pub tag: String,
    /// Its digest.
    pub checksum: String,
}

/// Code that comes with a request.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RawAlgorithm {
    /// The code itself.
    pub code: Option<String>,
    /// Where the code is.
    pub url: Option<String>,
    /// What it runs in.
    pub container: RawContainer,
    /// Text of a Dockerfile that the image is built from (ocean-node).
    pub dockerfile: Option<String>,
    /// More files for the build.
    pub build_files: BTreeMap<String, String>,
}

/// What is to run.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum AlgorithmRef {
    /// A published algorithm. What the request says of its code or container is not looked at.
    Published(AssetRef),
    /// Code that comes with the request.
    Raw(Box<RawAlgorithm>),
}

/// What a request asks of an environment in the new stack.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Ask {
    /// The longest run, in seconds.
    pub max_duration: Option<u64>,
    /// Resources by id.
    pub resources: BTreeMap<String, u64>,
    /// On which chain, and in which token, it is paid.
    pub payment: Option<(ChainId, Address)>,
}

/// Asks what a job costs.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct InitializeComputeRequest {
    /// Who will pay.
    pub consumer: Address,
    /// The datasets, the main one first.
    pub datasets: Vec<AssetRef>,
    /// The algorithm.
    pub algorithm: AlgorithmRef,
    /// The environment.
    pub environment: String,
    /// Old stack: until when it may run, in unix seconds.
    pub valid_until: Option<u64>,
    /// New stack: what is asked of the environment.
    pub ask: Ask,
}

/// Starts a job.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StartRequest {
    /// Who asks.
    pub authorization: Authorization,
    /// The datasets, the main one first.
    pub datasets: Vec<AssetRef>,
    /// The algorithm.
    pub algorithm: AlgorithmRef,
    /// The consumer's parameters for the algorithm.
    pub custom_data: Option<Value>,
    /// Variables for the algorithm (ocean-node).
    pub variables: BTreeMap<String, String>,
    /// The environment.
    pub environment: String,
    /// New stack: what is asked of the environment.
    pub ask: Ask,
    /// Whatever the client wants to find again.
    pub metadata: Option<Value>,
    /// Where results are to go instead; an encrypted object.
    pub output: Option<String>,
}

impl InitializeComputeRequest {
    /// Reads the arguments.
    ///
    /// # Errors
    /// Missing or malformed fields.
    pub fn parse(dialect: Dialect, data: &RequestData) -> Result<Self, ComputeFault> {
        let mut validation =
            Validation::new("initializeCompute", &["datasets", "algorithm", "consumerAddress", "environment"]);
        let node = dialect == Dialect::OceanNode;
        // ocean-node computes without datasets as well.
        if !node || data.value("datasets").is_none() {
            validation.require(data, "datasets");
        }
        validation.require(data, "algorithm");
        let compute = data.value("compute").and_then(Value::as_object);
        let environment = if node {
            validation.require(data, "environment");
            data.text("environment").unwrap_or_default().into_owned()
        } else {
            let text = |name: &str| compute.and_then(|compute| compute.get(name)).filter(|value| !value.is_null());
            for (name, field) in [("env", "compute.env"), ("validUntil", "compute.validUntil")] {
                if text(name).is_none() {
                    validation.broken(field, Rule::Required);
                }
            }
            text("env").map(as_text).unwrap_or_default()
        };
        validation.require(data, "consumerAddress");
        let consumer: Option<Address> = data.text("consumerAddress").and_then(|text| text.parse().ok());
        if consumer.is_none() && data.is_filled("consumerAddress") {
            validation.broken("consumerAddress", Rule::Address);
        }
        validation.finish()?;
        let valid_until = compute.and_then(|compute| number(compute.get("validUntil")));
        Ok(Self {
            consumer: consumer.ok_or(ApiError::Internal)?,
            datasets: datasets(data)?,
            algorithm: algorithm(data)?,
            environment,
            valid_until,
            ask: ask(data)?,
        })
    }
}

impl StartRequest {
    /// Reads and authorises the arguments. `free` says which of ocean-node's two starts it is.
    ///
    /// # Errors
    /// Missing or malformed fields, or the signature.
    pub fn parse(dialect: Dialect, data: &RequestData, auth: &AuthContext, free: bool) -> Result<Self, ComputeFault> {
        let node = dialect == Dialect::OceanNode;
        let name = if free { "freeStartCompute" } else { command::START_COMPUTE };
        let mut validation = Validation::new(name, &["algorithm", "environment", "consumerAddress", "nonce"]);
        validation.require(data, "consumerAddress");
        validation.bail_on("consumerAddress");
        let dataset = data.value("dataset").and_then(Value::as_object);
        let document_id = dataset.and_then(|dataset| dataset.get("documentId")).map(as_text).unwrap_or_default();
        if !node {
            for field in ["documentId", "serviceId", "transferTxId"] {
                let filled =
                    dataset.and_then(|dataset| dataset.get(field)).is_some_and(|value| !as_text(value).is_empty());
                if !filled {
                    validation.broken(&format!("dataset.{field}"), Rule::Required);
                }
                if field == "documentId" {
                    validation.bail_on("dataset.documentId");
                }
            }
        }
        validation.require(data, "algorithm");
        validation.bail_on("algorithm").require(data, "environment");
        validation.bail_on("environment").require(data, "nonce");
        validation.bail_on("nonce");
        let job_id = data.text("jobId").unwrap_or_default();
        let message = |consumer: &str, nonce: &str| {
            let message = if free {
                Message::Command { consumer, nonce, command: "freeStartCompute" }
            } else {
                Message::ComputeStart { consumer, job_id: &job_id, document_id: &document_id, nonce }
            };
            vec![message.text(dialect)]
        };
        let authorization = authorize(dialect, data, auth, "consumerAddress", message, &mut validation);
        validation.finish()?;
        let parameters = data.value("algorithm").and_then(Value::as_object);
        let parameter = |name: &str| json_value(parameters.and_then(|parameters| parameters.get(name)));
        let variables = parameter("envs").and_then(|envs| match envs {
            Value::Object(envs) => Some(envs.iter().map(|(name, value)| (name.clone(), as_text(value))).collect()),
            _ => None,
        });
        let variables: BTreeMap<String, String> = variables.unwrap_or_default();
        let usable = |name: &String| {
            !name.is_empty() && name.len() < 200 && !name.contains(['=', '\0']) && !name.starts_with("LD_")
        };
        if variables.len() > 100 || !variables.keys().all(usable) {
            return Err(ComputeFault::Refused("algorithm.envs has a name that cannot be used".to_owned()));
        }
        Ok(Self {
            authorization: authorization.ok_or(ApiError::Internal)?,
            datasets: datasets(data)?,
            algorithm: algorithm(data)?,
            custom_data: parameter("algocustomdata"),
            variables,
            environment: data.text("environment").unwrap_or_default().into_owned(),
            ask: ask(data)?,
            metadata: data.value("metadata").cloned(),
            output: data.filled("output").map(|text| text.into_owned()).filter(|text| text != "{}"),
        })
    }
}

/// The main dataset and the additional ones of either dialect.
fn datasets(data: &RequestData) -> Result<Vec<AssetRef>, ComputeFault> {
    let wrong = || ComputeFault::code("additional_input", "invalid", "datasets is not a list of objects");
    let mut found = Vec::new();
    found.extend(data.value("dataset").and_then(Value::as_object).map(asset));
    for field in ["datasets", "additionalDatasets"] {
        let Some(value) = json_value(data.value(field)) else { continue };
        let list = value.as_array().ok_or_else(wrong)?;
        for item in list {
            found.push(asset(item.as_object().ok_or_else(wrong)?));
        }
    }
    if found.len() > MOST_DATASETS {
        return Err(ComputeFault::Refused(format!("more than {MOST_DATASETS} datasets")));
    }
    Ok(found)
}

fn asset(fields: &Map<String, Value>) -> AssetRef {
    let text = |name: &str| fields.get(name).filter(|value| !value.is_null()).map(as_text);
    AssetRef {
        document_id: text("documentId").unwrap_or_default(),
        service_id: text("serviceId").unwrap_or_default(),
        transfer_tx: text("transferTxId").filter(|tx| !tx.is_empty()),
        user_data: json_value(fields.get("userdata").or_else(|| fields.get("algouserdata"))),
    }
}

/// A DID always means the published algorithm, whatever comes with it.
fn algorithm(data: &RequestData) -> Result<AlgorithmRef, ComputeFault> {
    let missing =
        || ComputeFault::code("algorithm", "missing_meta_documentId", "the algorithm has neither documentId nor meta");
    let value = json_value(data.value("algorithm")).ok_or_else(missing)?;
    let fields = value.as_object().ok_or_else(missing)?;
    let published = asset(fields);
    if !published.document_id.is_empty() {
        return Ok(AlgorithmRef::Published(published));
    }
    let meta = fields.get("meta").and_then(Value::as_object).filter(|meta| !meta.is_empty()).ok_or_else(missing)?;
    let text =
        |name: &str| meta.get(name).filter(|value| !value.is_null()).map(as_text).filter(|text| !text.is_empty());
    let (code, url) = (text("rawcode"), text("url"));
    let container = meta.get("container").and_then(Value::as_object);
    let part = |name: &str| container.and_then(|part| part.get(name)).filter(|value| !value.is_null()).map(as_text);
    let dockerfile = part("dockerfile").filter(|text| !text.is_empty());
    let build_files = container.and_then(|part| part.get("additionalDockerFiles")).and_then(Value::as_object);
    let build_files = build_files.into_iter().flatten().map(|(name, value)| (name.clone(), as_text(value))).collect();
    if code.is_none() && url.is_none() && container.is_none() {
        return Err(ComputeFault::code(
            "algorithm",
            "meta_oneof_url_rawcode_remote",
            "the algorithm has neither rawcode nor url",
        ));
    }
    if code.as_ref().is_some_and(|code| code.len() > MOST_CODE) {
        return Err(ComputeFault::Refused(format!("rawcode is longer than {MOST_CODE} bytes")));
    }
    let text = |name: &str| part(name).unwrap_or_default();
    let described = RawContainer {
        entrypoint: text("entrypoint"),
        image: text("image"),
        tag: text("tag"),
        checksum: text("checksum"),
    };
    let lacks = described.entrypoint.is_empty() || (described.image.is_empty() && dockerfile.is_none());
    if lacks {
        return Err(ComputeFault::code(
            "algorithm.container",
            "missing_entrypoint_image_checksum",
            "the container has no entrypoint or no image",
        ));
    }
    Ok(AlgorithmRef::Raw(Box::new(RawAlgorithm { code, url, container: described, dockerfile, build_files })))
}

fn ask(data: &RequestData) -> Result<Ask, ComputeFault> {
    let wrong = |field: &str| ComputeFault::Refused(format!("{field} is not usable"));
    let payment = json_value(data.value("payment"));
    let payment = payment.as_ref().and_then(Value::as_object);
    let inside = |name: &str| payment.and_then(|payment| payment.get(name));
    let duration = number(data.value("maxJobDuration")).or_else(|| number(inside("maxJobDuration")));
    let listed = json_value(data.value("resources")).or_else(|| json_value(inside("resources")));
    let mut resources = BTreeMap::new();
    for item in listed.as_ref().and_then(Value::as_array).into_iter().flatten() {
        let id = item.get("id").and_then(Value::as_str).ok_or_else(|| wrong("resources"))?;
        let amount = number(item.get("amount")).ok_or_else(|| wrong("resources"))?;
        resources.insert(id.to_owned(), amount);
    }
    let payment = match (number(inside("chainId")), inside("token").map(as_text)) {
        (Some(chain), Some(token)) => {
            let chain = ChainId::new(chain).map_err(|_| wrong("payment.chainId"))?;
            Some((chain, token.parse().map_err(|_| wrong("payment.token"))?))
        }
        _ => None,
    };
    Ok(Ask { max_duration: duration, resources, payment })
}

/// A whole number, as JSON number or as digits.
fn number(value: Option<&Value>) -> Option<u64> {
    match value? {
        Value::Number(number) => number.as_u64().or_else(|| {
            let text = number.to_string();
            text.strip_suffix(".0")?.parse().ok()
        }),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
