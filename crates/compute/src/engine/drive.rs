//! One task per job: it does the step of the present state, writes the next state, and goes on.

use std::{io, path::Path, sync::Arc, time::Duration};

use tokio::{
    fs,
    sync::watch,
    time::{sleep, timeout},
};

use super::{Active, Shared, results, too_long};
use crate::{
    backend::{BackendError, Exit, Presence, Task},
    job::{Failure, FailureKind, Job, JobId, Payment, ResultFile, State},
    layout,
};

/// The longest pause between two tries to settle.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);

/// How long ending and removing a sandbox may take.
const CLEANUP: Duration = Duration::from_secs(60);

/// How long after a failure of the store a job is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// What a step came to.
enum Outcome {
    /// The next state, with what else is to be written.
    Next(State, Change),
    /// The same state again: this change is on disk first.
    Again(Change, Duration),
}

/// What a step found out.
#[derive(Debug)]
enum Change {
    None,
    Paid(Payment),
    Started,
    Ended(Exit),
    Collected(Vec<ResultFile>),
    Settled(Option<Payment>),
    SettleFailed,
}

/// Begins to drive a job, unless somebody does. `again` is true after a restart.
pub(super) fn spawn(shared: &Arc<Shared>, id: JobId, again: bool) {
    let mut active = shared.active();
    if active.contains_key(&id) {
        return;
    }
    let (stop, stopped) = watch::channel(false);
    let (worker, name) = (Arc::clone(shared), id.clone());
    let task = tokio::spawn(async move {
        let mut again = again;
        loop {
            let work = tokio::spawn(drive(Arc::clone(&worker), name.clone(), stopped.clone(), again));
            let guard = AbortOnDrop(work.abort_handle());
            let ended = work.await;
            drop(guard);
            again = true;
            match ended {
                Ok(Ok(())) => break,
                Ok(Err(error)) => tracing::error!(job = %name, %error, "a job cannot go on; it is tried again"),
                Err(error) if error.is_cancelled() => break,
                Err(error) => {
                    tracing::error!(job = %name, %error, "a job's step panicked");
                    let now = worker.now();
                    let failed = worker.store.update(&name, move |job| {
                        fail(job, Failure::new(FailureKind::Run, "the server failed in this step"), now);
                        true
                    });
                    if let Err(error) = failed.await {
                        tracing::error!(job = %name, %error, "a failure could not be stored");
                    }
                }
            }
            sleep(RETRY).await;
        }
        worker.active().remove(&name);
        worker.changed();
    });
    active.insert(id, Active { stop, task: task.abort_handle() });
}

struct AbortOnDrop(tokio::task::AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn drive(shared: Arc<Shared>, id: JobId, mut stop: watch::Receiver<bool>, mut again: bool) -> crate::Result<()> {
    while let Some(job) = shared.store.get(&id).await?.filter(|job| !job.is_done()) {
        let (state, limit) = (job.state, limit(&shared, &job));
        if job.stop {
            // Before a restart, or between two steps.
            let _ = stop.borrow_and_update();
        }
        let entered = again;
        let step = async {
            tokio::select! {
                biased;
                () = stopped(&mut stop, &job), if is_stoppable(state) => Ok(Outcome::Next(State::Collect, Change::None)),
                outcome = Box::pin(step(&shared, &job, entered)) => outcome,
            }
        };
        again = false;
        let outcome = timeout(limit, step).await.unwrap_or_else(|_| Err(too_long(state, limit)));
        let now = shared.now();
        let mut pause = Duration::ZERO;
        let updated = match outcome {
            Ok(Outcome::Next(next, change)) => {
                shared
                    .store
                    .update(&id, move |job| {
                        apply(job, change, now);
                        (job.state, job.entered) = (next, now);
                        if next == State::Done {
                            job.finished = Some(now);
                        }
                        true
                    })
                    .await?
            }
            Ok(Outcome::Again(change, wait)) => {
                pause = wait;
                shared
                    .store
                    .update(&id, move |job| {
                        apply(job, change, now);
                        true
                    })
                    .await?
            }
            Err(failure) => {
                tracing::info!(job = %id, %state, reason = %failure.reason, "a job failed");
                shared
                    .store
                    .update(&id, move |job| {
                        fail(job, failure, now);
                        true
                    })
                    .await?
            }
        };
        tracing::debug!(job = %id, from = %state, to = %updated.state, "a job moved");
        shared.changed();
        if !pause.is_zero() {
            sleep(pause).await;
        }
    }
    Ok(())
}

/// Writes a failure down. The first is the reason; what fails after it only follows.
fn fail(job: &mut Job, failure: Failure, now: jiff::Timestamp) {
    job.failure.get_or_insert(failure);
    (job.state, job.entered) = (after_failure(job.state), now);
    if job.state == State::Done {
        job.finished = Some(now);
    }
}

/// A failed job still has logs to be read, and something locked.
fn after_failure(state: State) -> State {
    match state {
        State::Lock | State::Queued | State::Collect => State::Settle,
        State::Settle | State::Done => State::Done,
        _ => State::Collect,
    }
}

/// Running algorithms are stopped by their backend, so that their results are kept.
fn is_stoppable(state: State) -> bool {
    matches!(state, State::Image | State::Provision)
}

async fn stopped(stop: &mut watch::Receiver<bool>, job: &Job) {
    if !job.stop && stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn limit(shared: &Shared, job: &Job) -> Duration {
    let limits = &shared.parts.limits;
    match job.state {
        State::Lock => limits.lock,
        State::Image => limits.image,
        State::Provision => limits.provision,
        State::Start => limits.start,
        State::Run => job.limits.time.saturating_add(limits.grace),
        State::Collect => limits.collect,
        State::Settle => limits.settle.saturating_add(CLEANUP),
        State::Queued | State::Done => Duration::ZERO,
    }
}

fn apply(job: &mut Job, change: Change, now: jiff::Timestamp) {
    match change {
        Change::None => {}
        Change::Paid(payment) => job.spec.payment = Some(payment),
        Change::Started => job.started = Some(job.started.unwrap_or(now)),
        Change::Ended(exit) => {
            job.ended = Some(now);
            if exit.disk_full && !exit.is_success() {
                let text = "Error: disk quota exceeded";
                job.failure.get_or_insert(Failure::new(FailureKind::Disk, text));
            }
            job.exit = Some(exit);
        }
        Change::Collected(results) => job.results = results,
        Change::Settled(payment) => {
            if payment.is_some() {
                job.spec.payment = payment;
            }
        }
        Change::SettleFailed => job.settle_attempts += 1,
    }
}

async fn step(shared: &Arc<Shared>, job: &Job, again: bool) -> Result<Outcome, Failure> {
    let backend = &shared.parts.backend;
    let task = shared.task(job);
    match job.state {
        State::Lock => lock(shared, job, again).await,
        State::Image => {
            let logs = task.folder.join("logs");
            fs::create_dir_all(&logs).await.map_err(|error| folder(&error))?;
            backend.prepare(&task, &logs.join(results::IMAGE_LOG)).await?;
            Ok(Outcome::Next(State::Provision, Change::None))
        }
        State::Provision => {
            let mut log = String::new();
            let provided =
                layout::provision(job, &task.folder, &*shared.parts.inputs, shared.parts.limits.inputs, &mut log).await;
            if let Err(failure) = &provided {
                log.push_str(&format!("{failure}\n"));
            }
            let path = task.folder.join("logs").join(results::CONFIGURATION_LOG);
            fs::create_dir_all(task.folder.join("logs")).await.map_err(|error| folder(&error))?;
            fs::write(path, log).await.map_err(|error| folder(&error))?;
            provided?;
            Ok(Outcome::Next(State::Start, Change::None))
        }
        State::Start => start(shared, job, &task, again).await,
        State::Run => {
            // The request came in before or while nobody waited.
            let mut stop = shared.active().get(&job.id).map(|active| active.stop.subscribe());
            let wait = backend.wait(&task);
            tokio::pin!(wait);
            let exit = tokio::select! {
                exit = &mut wait => exit?,
                () = requested(&mut stop, job) => {
                    backend.stop(&task).await?;
                    let mut exit = wait.await?;
                    exit.stopped = true;
                    exit
                }
            };
            Ok(Outcome::Next(State::Collect, Change::Ended(exit)))
        }
        State::Collect => {
            collect(shared, job, &task).await.map(|results| Outcome::Next(State::Settle, Change::Collected(results)))
        }
        State::Settle => settle(shared, job, &task).await,
        State::Queued | State::Done => Ok(Outcome::Again(Change::None, Duration::from_secs(1))),
    }
}

async fn requested(stop: &mut Option<watch::Receiver<bool>>, job: &Job) {
    if job.stop {
        return;
    }
    let asked = match stop {
        Some(stop) => stop.wait_for(|stop| *stop).await.is_ok(),
        None => false,
    };
    if !asked {
        std::future::pending::<()>().await;
    }
}

fn folder(error: &io::Error) -> Failure {
    Failure::new(FailureKind::Volume, format!("the job's folder: {}", error.kind()))
}

async fn lock(shared: &Shared, job: &Job, again: bool) -> Result<Outcome, Failure> {
    if again {
        let text = "the server ended while the payment was being locked; whatever was locked is released";
        return Err(Failure::new(FailureKind::Payment, text));
    }
    let Some(settlement) = &shared.parts.settlement else {
        return Err(Failure::new(FailureKind::Payment, "nothing can be paid here"));
    };
    match settlement.lock(job).await {
        Ok(payment) => Ok(Outcome::Next(State::Queued, Change::Paid(payment))),
        Err(error) => Err(Failure::new(FailureKind::Payment, error.text)),
    }
}

async fn start(shared: &Arc<Shared>, job: &Job, task: &Task, again: bool) -> Result<Outcome, Failure> {
    let backend = &shared.parts.backend;
    if job.stop {
        return Ok(Outcome::Next(State::Collect, Change::None));
    }
    if again {
        // It may have been started by the process before this one, and is not to run twice.
        match backend.presence(task).await? {
            Presence::Running | Presence::Ended => return Ok(Outcome::Next(State::Run, Change::Started)),
            Presence::Absent => backend.cleanup(task).await?,
        }
    }
    backend.start(task).await?;
    Ok(Outcome::Next(State::Run, Change::Started))
}

/// Puts the results together. A job that failed before has its logs only; one that ran has whatever it wrote.
async fn collect(shared: &Arc<Shared>, job: &Job, task: &Task) -> Result<Vec<ResultFile>, Failure> {
    let backend = &shared.parts.backend;
    let mut said = String::new();
    match job.exit {
        Some(exit) => {
            said.push_str(&format!("{}\n", describe(&exit)));
            if let Err(error) = backend.collect(task).await {
                // The results that are there already were put together before a restart.
                said.push_str(&format!("{error}\n"));
                results::assemble(job, &task.folder, &said).await.map_err(|error| results_failure(&error))?;
                return Err(error.into());
            }
        }
        None => {
            // Something may run that nobody waits for any more.
            if let Err(error) = backend.stop(task).await {
                tracing::warn!(job = %job.id, %error, "an algorithm could not be stopped");
            }
        }
    }
    if let Some(failure) = &job.failure {
        said.push_str(&format!("{failure}\n"));
    }
    results::assemble(job, &task.folder, &said).await.map_err(|error| results_failure(&error))
}

fn results_failure(error: &io::Error) -> Failure {
    Failure::new(FailureKind::Results, format!("the results cannot be stored: {}", error.kind()))
}

/// How an algorithm ended, for people.
fn describe(exit: &Exit) -> String {
    let mut text = match (exit.code, exit.signal) {
        (Some(code), _) => format!("the algorithm ended with exit code {code}"),
        (None, Some(signal)) => format!("the algorithm was ended by signal {signal}"),
        (None, None) => "the algorithm ended".to_owned(),
    };
    for (is, words) in [
        (exit.out_of_memory, "it ran out of memory"),
        (exit.timed_out, "its time was over"),
        (exit.stopped, "it was stopped on request"),
        (exit.disk_full, "the space for its results is full"),
    ] {
        if is {
            text.push_str("; ");
            text.push_str(words);
        }
    }
    text
}

/// Takes the sandbox away and settles; the job is over when both are done.
async fn settle(shared: &Arc<Shared>, job: &Job, task: &Task) -> Result<Outcome, Failure> {
    let limits = &shared.parts.limits;
    let pause = limits.settle_pause.saturating_mul(1 << job.settle_attempts.min(12)).min(LONGEST_PAUSE);
    let retry = |what: &str| {
        tracing::warn!(job = %job.id, attempt = job.settle_attempts, "{what}");
        if job.settle_attempts + 1 >= limits.settle_attempts {
            tracing::error!(job = %job.id, "a job is given up although something is left of it: {what}");
            return Outcome::Next(State::Done, Change::SettleFailed);
        }
        Outcome::Again(Change::SettleFailed, pause)
    };
    let cleaned = timeout(CLEANUP, clean(shared, task)).await;
    match cleaned {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return Ok(retry(&error.text)),
        Err(_) => return Ok(retry("removing the sandbox took too long")),
    }
    match (&shared.parts.settlement, &job.spec.payment) {
        (Some(settlement), Some(_)) => match timeout(limits.settle, settlement.settle(job)).await {
            Ok(Ok(payment)) => Ok(Outcome::Next(State::Done, Change::Settled(Some(payment)))),
            Ok(Err(error)) => Ok(retry(&error.text)),
            Err(_) => Ok(retry("settling took too long")),
        },
        _ => Ok(Outcome::Next(State::Done, Change::Settled(None))),
    }
}

async fn clean(shared: &Arc<Shared>, task: &Task) -> Result<(), BackendError> {
    shared.parts.backend.cleanup(task).await?;
    for part in ["inputs", "ddos", "transformations", "outputs"] {
        remove(&task.folder.join(part))
            .await
            .map_err(|error| BackendError::new(FailureKind::Results, error.to_string()))?;
    }
    Ok(())
}

async fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
