//! Jobs and environments in the words of the two protocols.

use axum::response::Response;
use jiff::Timestamp;
use ocean_compute::{
    environment::{Resource, Usage},
    job::{Job, ResultKind},
    status::status_of,
};
use ocean_primitives::{Address, ChainId, Dialect};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::Compute;
use crate::{endpoints::json as answer, state::ProviderState};

/// The jobs as a list. A start is answered with the whole name of the job, later questions with the bare one, as ocean-node does.
pub(super) fn rows(state: &ProviderState, compute: &Compute, jobs: &[Job], started: bool) -> Response {
    let rows: Vec<Value> = jobs.iter().map(|job| row(compute, job, started)).collect();
    let body = Value::Array(rows).to_string();
    answer(match state.dialect() {
        Dialect::OceanNode => body,
        _ => format!("{body}\n"),
    })
}

fn seconds(time: Timestamp) -> String {
    format!("{}.{:03}", time.as_second(), time.subsec_millisecond())
}

fn row(compute: &Compute, job: &Job, started: bool) -> Value {
    let (spec, status) = (&job.spec, status_of(job));
    let node = spec.dialect == Dialect::OceanNode;
    let did = &spec.algorithm.input.did;
    let inputs: Vec<_> = spec.datasets.iter().map(|input| input.did.as_str()).collect();
    let name = if node && started { compute.shown_job(spec.dialect, &job.id) } else { job.id.to_string() };
    let finished = job.finished.map(seconds);
    if !node {
        return json!({
            "agreementId": spec.agreement_id,
            "jobId": name,
            "owner": spec.owner.to_checksum(None),
            "status": status.number,
            "statusText": status.text,
            "dateCreated": seconds(job.created),
            "dateFinished": finished,
            "results": results(job).unwrap_or_else(|| json!("")),
            "stopreq": u8::from(job.stop),
            "removed": u8::from(job.expired),
            "algoDID": did,
            "inputDID": inputs,
            "environment": spec.environment,
        });
    }
    let payment = spec.payment.as_ref().map(|payment| {
        json!({
            "chainId": payment.chain_id.map(ChainId::get),
            "token": payment.token.map(|token| token.to_checksum(None)),
            "lockTx": payment.lock_tx,
            "claimTx": payment.claim_tx,
            "cancelTx": payment.cancel_tx,
            "cost": payment.cost.parse::<f64>().ok().map_or_else(|| json!(0), |_| json!(payment.cost)),
        })
    });
    let resources: Vec<_> = spec.resources.iter().map(|(id, amount)| json!({"id": id, "amount": amount})).collect();
    json!({
        "owner": spec.owner.to_checksum(None),
        "did": null,
        "jobId": name,
        "dateCreated": seconds(job.created),
        "dateFinished": finished,
        "status": status.number,
        "statusText": status.text,
        "results": results(job).unwrap_or_else(|| json!([])),
        "inputDID": inputs,
        "algoDID": did,
        "agreementId": spec.agreement_id,
        "environment": compute.shown_environment(spec.dialect, &spec.environment),
        "resources": resources,
        "isFree": spec.free,
        "algoStartTimestamp": job.started.map_or_else(|| "0".to_owned(), seconds),
        "algoStopTimestamp": job.ended.map_or_else(|| "0".to_owned(), seconds),
        "metadata": spec.metadata,
        "terminationDetails": {
            "exitCode": job.exit.and_then(|exit| exit.code),
            "OOMKilled": job.exit.map(|exit| exit.out_of_memory),
        },
        "payment": payment,
        "maxJobDuration": spec.max_duration,
        "queueMaxWaitTime": 0,
        "jobIdHash": format!("0x{}", hex::encode(Sha256::digest(job.id.as_str()))),
    })
}

/// What a job left behind; nothing before it is put together.
fn results(job: &Job) -> Option<Value> {
    let node = job.spec.dialect == Dialect::OceanNode;
    if job.results.is_empty() || job.expired {
        return None;
    }
    let listed = job.results.iter().enumerate().map(|(index, result)| {
        let kind = match result.kind {
            ResultKind::Output => "output",
            ResultKind::AlgorithmLog => "algorithmLog",
            ResultKind::ConfigurationLog if node => "configurationLog",
            // So spelt in the old stack.
            ResultKind::ConfigurationLog => "configrationLog",
            ResultKind::ImageLog => "imageLog",
            _ => "publishLog",
        };
        let mut told = Map::new();
        told.insert("filename".to_owned(), json!(result.name));
        told.insert("filesize".to_owned(), json!(result.size));
        told.insert("type".to_owned(), json!(kind));
        if node {
            told.insert("index".to_owned(), json!(index));
        }
        Value::Object(told)
    });
    Some(Value::Array(listed.collect()))
}

/// Old stack: environments by chain.
pub(super) fn provider_environments(state: &ProviderState, usages: &[Usage]) -> Value {
    let chains = state.parts().chains.iter().map(|chain| {
        let token = super::fees::fee_token(state, chain);
        let listed = usages.iter().map(|usage| provider_environment(usage, chain.key.address(), token));
        (chain.id.to_string(), Value::Array(listed.collect()))
    });
    Value::Object(chains.collect())
}

fn provider_environment(usage: &Usage, consumer: Address, token: Address) -> Value {
    let environment = &usage.environment;
    let total = |id: &str| environment.resource(id).map_or(0, |resource| resource.total);
    json!({
        "id": environment.id,
        "cpuNumber": total("cpu"),
        "cpuType": environment.cpu_type,
        "gpuNumber": 0,
        "gpuType": null,
        "ramGB": total("ram"),
        "diskGB": total("disk"),
        "priceMin": environment.price_min.map_or_else(|| json!(0), |price| serde_json::to_value(price).unwrap_or_default()),
        "desc": environment.description,
        "currentJobs": usage.running,
        "maxJobs": environment.max_jobs,
        "consumerAddress": consumer.to_checksum(None),
        "storageExpiry": environment.storage_expiry,
        "maxJobDuration": environment.max_job_duration,
        "lastSeen": "0",
        "feeToken": token.to_checksum(None),
    })
}

/// New stack: one flat list; with a chain only those that are paid there, or cost nothing.
pub(super) fn node_environments(
    state: &ProviderState,
    compute: &Compute,
    usages: &[Usage],
    chain: Option<ChainId>,
) -> Value {
    let offered = usages.iter().filter(|usage| {
        let environment = &usage.environment;
        chain.is_none_or(|chain| environment.fees.contains_key(&chain) || environment.free.is_some())
    });
    Value::Array(offered.map(|usage| node_environment(state, compute, usage)).collect())
}

fn node_environment(state: &ProviderState, compute: &Compute, usage: &Usage) -> Value {
    let environment = &usage.environment;
    let consumer = state.parts().chains.iter().next().map(|chain| chain.key.address().to_checksum(None));
    let resource = |resource: &Resource, used: &std::collections::BTreeMap<String, u64>| {
        json!({
            "id": resource.id,
            "type": resource.id,
            "total": resource.total,
            "min": resource.min,
            "max": resource.most(),
            "inUse": used.get(&resource.id).copied().unwrap_or_default(),
        })
    };
    let listed = |resources: &[Resource], used| resources.iter().map(|item| resource(item, used)).collect::<Vec<_>>();
    let fees: Map<String, Value> = environment
        .fees
        .iter()
        .map(|(chain, offers)| (chain.to_string(), serde_json::to_value(offers).unwrap_or_default()))
        .collect();
    let mut told = json!({
        "id": compute.shown_environment(Dialect::OceanNode, &environment.id),
        "description": environment.description,
        "consumerAddress": consumer,
        "platform": {"architecture": std::env::consts::ARCH, "os": std::env::consts::OS},
        "access": environment.access,
        "fees": fees,
        "resources": listed(&environment.resources, &usage.in_use),
        "storageExpiry": environment.storage_expiry,
        "minJobDuration": environment.min_job_duration,
        "maxJobDuration": environment.max_job_duration,
        "maxJobs": environment.max_jobs,
        "runningJobs": usage.running,
        "runningfreeJobs": usage.running_free,
        "queuedJobs": usage.queued,
        "queuedFreeJobs": usage.queued_free,
        "queMaxWaitTime": environment.max_queue_wait,
        "queMaxWaitTimeFree": environment.free.as_ref().map_or(0, |tier| tier.max_queue_wait),
        "runMaxWaitTime": environment.max_job_duration,
        "runMaxWaitTimeFree": environment.free.as_ref().map_or(0, |tier| tier.max_job_duration),
        "enableNetwork": environment.enable_network,
    });
    if let Some(tier) = &environment.free {
        let resources = if tier.resources.is_empty() { &environment.resources } else { &tier.resources };
        told["free"] = json!({
            "maxJobDuration": tier.max_job_duration,
            "minJobDuration": environment.min_job_duration,
            "maxJobs": tier.max_jobs,
            "resources": listed(resources, &usage.free_in_use),
            "access": tier.access,
            "allowImageBuild": tier.allow_image_build,
        });
    }
    told
}
