//! A job's state in the words of the two protocols.

use ocean_primitives::Dialect;

use crate::job::{FailureKind, Job, State};

/// A state as clients see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// Its number.
    pub number: u16,
    /// Its text.
    pub text: &'static str,
}

const fn status(number: u16, text: &'static str) -> Status {
    Status { number, text }
}

/// The state of `job` in the words of its dialect.
pub fn status_of(job: &Job) -> Status {
    match job.spec.dialect {
        Dialect::OceanNode => node(job.state, job.failure.as_ref().map(|failure| failure.kind)),
        _ => provider(job.state, job.failure.as_ref().map(|failure| failure.kind)),
    }
}

/// The old stack knows two failures, both of fetching; whatever else fails ends as a finished job whose log says why.
/// (`operator-engine: operator_main.py`, `pod-configuration: src/index.js`)
fn provider(state: State, failure: Option<FailureKind>) -> Status {
    match failure {
        Some(FailureKind::Data) => return status(31, "Data provisioning failed"),
        Some(FailureKind::Algorithm) => return status(32, "Algorithm provisioning failed"),
        _ => {}
    }
    match state {
        State::Lock | State::Queued => status(1, "Warming up"),
        State::Image | State::Provision => status(20, "Configuring volumes"),
        State::Start => status(30, "Provisioning success"),
        // With the space at its end, as the peer's.
        State::Run => status(40, "Running algorithm "),
        State::Collect => status(60, "Publishing results"),
        State::Settle | State::Done => status(70, "Job finished"),
    }
}

/// A failure is what ocean-node shows to the end. (`ocean-node: src/@types/C2D/C2D.ts`)
fn node(state: State, failure: Option<FailureKind>) -> Status {
    if let Some(failure) = failure {
        return match failure {
            FailureKind::QueueExpired => status(2, "Job expired in queue"),
            FailureKind::ImagePull => status(11, "Pulling algorithm image failed"),
            FailureKind::ImageBuild => status(13, "Building algorithm image failed"),
            FailureKind::Volume => status(21, "Volume creation failed"),
            FailureKind::Create => status(22, "Container creation failed"),
            FailureKind::Data => status(31, "Data provisioning failed"),
            FailureKind::Algorithm => status(32, "Algorithm provisioning failed"),
            FailureKind::Upload => status(33, "Data upload to container failed"),
            // The peer has no state for a job whose lock failed, since it does not keep one.
            FailureKind::Run | FailureKind::Payment => status(41, "Failed to run algorithm"),
            FailureKind::Disk => status(42, "Error: disk quota exceeded"),
            FailureKind::Outputs => status(61, "Failed to get outputs folder from container"),
            FailureKind::Results => status(62, "Failed to upload results to storage"),
        };
    }
    match state {
        State::Lock => status(0, "Job started"),
        State::Queued => status(1, "Job queued"),
        State::Image => status(10, "Pulling algorithm image"),
        State::Provision => status(30, "Provisioning data"),
        State::Start => status(20, "Configuring volumes"),
        State::Run => status(40, "Running algorithm "),
        State::Collect => status(60, "Publishing results"),
        State::Settle => status(71, "Job settling"),
        State::Done => status(70, "Job finished"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(state: State, failure: Option<FailureKind>, old: (u16, &str), new: (u16, &str)) {
        let (provider, node) = (provider(state, failure), node(state, failure));
        assert_eq!((provider.number, provider.text), old, "{state} {failure:?}");
        assert_eq!((node.number, node.text), new, "{state} {failure:?}");
    }

    #[test]
    fn every_state_has_its_number_in_both_protocols() {
        check(State::Queued, None, (1, "Warming up"), (1, "Job queued"));
        check(State::Image, None, (20, "Configuring volumes"), (10, "Pulling algorithm image"));
        check(State::Provision, None, (20, "Configuring volumes"), (30, "Provisioning data"));
        check(State::Start, None, (30, "Provisioning success"), (20, "Configuring volumes"));
        check(State::Run, None, (40, "Running algorithm "), (40, "Running algorithm "));
        check(State::Collect, None, (60, "Publishing results"), (60, "Publishing results"));
        check(State::Settle, None, (70, "Job finished"), (71, "Job settling"));
        check(State::Done, None, (70, "Job finished"), (70, "Job finished"));
    }

    #[test]
    fn failures_stay_visible() {
        let data = (31, "Data provisioning failed");
        let algorithm = (32, "Algorithm provisioning failed");
        for state in [State::Collect, State::Settle, State::Done] {
            check(state, Some(FailureKind::Data), data, data);
            check(state, Some(FailureKind::Algorithm), algorithm, algorithm);
        }
        check(State::Done, Some(FailureKind::ImagePull), (70, "Job finished"), (11, "Pulling algorithm image failed"));
        check(State::Done, Some(FailureKind::QueueExpired), (70, "Job finished"), (2, "Job expired in queue"));
        check(State::Done, Some(FailureKind::Disk), (70, "Job finished"), (42, "Error: disk quota exceeded"));
    }
}
