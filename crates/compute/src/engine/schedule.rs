//! Who runs next.

use std::sync::Arc;

use tokio::time::timeout;

use super::{Shared, drive, results};
use crate::{
    environment::{Environment, Usage},
    error::{Error, Result},
    job::{Failure, FailureKind, Job, State},
};

/// What jobs hold of an environment.
pub(super) fn usage(environment: &Environment, unfinished: &[Job]) -> Usage {
    let mut usage = Usage {
        environment: environment.clone(),
        in_use: Default::default(),
        free_in_use: Default::default(),
        running: 0,
        running_free: 0,
        queued: 0,
        queued_free: 0,
    };
    for job in unfinished.iter().filter(|job| job.spec.environment == environment.id) {
        let (running, queued) = match job.spec.free {
            true => (&mut usage.running_free, &mut usage.queued_free),
            false => (&mut usage.running, &mut usage.queued),
        };
        if job.state.is_active() {
            *running += 1;
            for (id, amount) in &job.spec.resources {
                *usage.in_use.entry(id.clone()).or_default() += amount;
                if job.spec.free {
                    *usage.free_in_use.entry(id.clone()).or_default() += amount;
                }
            }
        } else if job.state <= State::Queued {
            *queued += 1;
        }
    }
    usage
}

/// Whether one more may wait.
pub(super) fn admit(environment: &Environment, job: &Job, present: &[Job]) -> Result<()> {
    let agreement = &job.spec.agreement_id;
    if !agreement.is_empty() && present.iter().any(|other| other.spec.agreement_id == *agreement) {
        return Err(Error::NotOffered("`agreementId` already in use for other job.".to_owned()));
    }
    if present.iter().any(|other| other.id == job.id) {
        return Err(Error::NotOffered(format!("there is a job `{}` already", job.id)));
    }
    let usage = usage(environment, present);
    if usage.queued.saturating_add(usage.queued_free) >= environment.max_queued {
        // A place that is free now needs no queue.
        if !(environment.max_queued == 0 && fits(&usage, job)) {
            return Err(Error::QueueFull { environment: environment.id.clone() });
        }
    }
    Ok(())
}

/// Whether the job can begin now.
fn fits(usage: &Usage, job: &Job) -> bool {
    let environment = &usage.environment;
    let free_tier = environment.free.as_ref();
    let places = match job.spec.free {
        true => usage.running_free < free_tier.map_or(0, |tier| tier.max_jobs),
        false => usage.running < environment.max_jobs,
    };
    let enough = |used: &std::collections::BTreeMap<String, u64>, id: &str, amount: u64, total: u64| {
        used.get(id).copied().unwrap_or_default().saturating_add(amount) <= total
    };
    places
        && job.spec.resources.iter().all(|(id, amount)| {
            let total = environment.resource(id).map_or(0, |resource| resource.total);
            let narrowed = free_tier
                .filter(|_| job.spec.free)
                .and_then(|tier| tier.resources.iter().find(|resource| resource.id == *id));
            enough(&usage.in_use, id, *amount, total)
                && narrowed.is_none_or(|resource| enough(&usage.free_in_use, id, *amount, resource.total))
        })
}

/// Begins jobs as places become free, and ends what waited or was kept for too long.
pub(super) async fn run(shared: Arc<Shared>) {
    loop {
        if let Err(error) = begin(&shared).await {
            tracing::error!(%error, "no job could be begun");
        }
        if timeout(shared.parts.limits.tick, shared.wake.notified()).await.is_err()
            && let Err(error) = expire(&shared).await
        {
            tracing::error!(%error, "no results could be removed");
        }
    }
}

async fn begin(shared: &Arc<Shared>) -> Result<()> {
    let mut unfinished = shared.store.unfinished().await?;
    let now = shared.now();
    for index in 0..unfinished.len() {
        let job = &unfinished[index];
        if job.state != State::Queued {
            continue;
        }
        let Some(environment) = shared.environment(&job.spec.environment) else {
            let text = format!("there is no compute environment `{}` any more", job.spec.environment);
            give_up(shared, job, Failure::new(FailureKind::QueueExpired, text)).await?;
            continue;
        };
        let usage = usage(environment, &unfinished);
        let running = unfinished.iter().filter(|job| job.state.is_active()).count();
        if running < shared.parts.limits.jobs && fits(&usage, job) {
            let begun = shared
                .store
                .update(&job.id, move |job| {
                    if job.state != State::Queued {
                        return false;
                    }
                    (job.state, job.entered, job.image_started) = (State::Image, now, Some(now));
                    true
                })
                .await?;
            if begun.state == State::Image {
                drive::spawn(shared, begun.id.clone(), false);
            }
            unfinished[index] = begun;
            shared.changes.send_modify(|count| *count += 1);
            continue;
        }
        let longest = match (&environment.free, job.spec.free) {
            (Some(free), true) => free.max_queue_wait,
            _ => environment.max_queue_wait,
        };
        let waited = now.duration_since(job.entered).as_secs();
        if u64::try_from(waited).unwrap_or_default() > longest {
            let text = format!("no place became free within {longest} s");
            give_up(shared, job, Failure::new(FailureKind::QueueExpired, text)).await?;
        }
    }
    Ok(())
}

async fn give_up(shared: &Arc<Shared>, job: &Job, failure: Failure) -> Result<()> {
    let now = shared.now();
    let given_up = shared
        .store
        .update(&job.id, move |job| {
            if job.state != State::Queued {
                return false;
            }
            (job.state, job.entered, job.failure) = (State::Settle, now, Some(failure));
            true
        })
        .await?;
    if given_up.state == State::Settle {
        drive::spawn(shared, given_up.id, false);
    }
    Ok(())
}

/// Removes the results whose time is over; the jobs themselves are still known.
async fn expire(shared: &Arc<Shared>) -> Result<()> {
    let now = shared.now();
    for job in shared.store.kept().await? {
        let kept = shared.environment(&job.spec.environment).map_or(0, |environment| environment.storage_expiry);
        let age = now.duration_since(job.finished.unwrap_or(job.created)).as_secs();
        if u64::try_from(age).unwrap_or_default() < kept {
            continue;
        }
        results::remove(&shared.folder(&job.id)).await?;
        shared
            .store
            .update(&job.id, |job| {
                job.expired = true;
                true
            })
            .await?;
        shared.changes.send_modify(|count| *count += 1);
    }
    Ok(())
}
