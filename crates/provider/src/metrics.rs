//! `GET /metrics`: counters in Prometheus' text format.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use ocean_provider_api::Endpoint;

/// Upper bounds of the time that requests took until their answer began, in seconds.
const BOUNDS: [f64; 8] = [0.001, 0.005, 0.025, 0.1, 0.5, 2.0, 10.0, 30.0];

/// What was answered, by endpoint and status.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    endpoints: Mutex<BTreeMap<Endpoint, Counts>>,
}

#[derive(Debug, Default)]
struct Counts {
    statuses: BTreeMap<u16, u64>,
    buckets: [u64; BOUNDS.len()],
    seconds: f64,
}

impl Metrics {
    pub(crate) fn count(&self, endpoint: Endpoint, status: u16, elapsed: Duration) {
        let mut endpoints = self.endpoints.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = endpoints.entry(endpoint).or_default();
        *counts.statuses.entry(status).or_default() += 1;
        let seconds = elapsed.as_secs_f64();
        counts.seconds += seconds;
        for (bucket, bound) in counts.buckets.iter_mut().zip(BOUNDS) {
            *bucket += u64::from(seconds <= bound);
        }
    }

    /// The text; `gauges` are present values with their name and meaning.
    pub(crate) fn text(&self, gauges: &[(&str, &str, u64)]) -> String {
        let mut text = String::new();
        let endpoints = self.endpoints.lock().unwrap_or_else(PoisonError::into_inner);
        header(&mut text, "ocean_requests_total", "counter", "Requests by endpoint and status.");
        for (endpoint, counts) in &*endpoints {
            for (status, count) in &counts.statuses {
                line(
                    &mut text,
                    format_args!("ocean_requests_total{{endpoint=\"{endpoint:?}\",status=\"{status}\"}} {count}"),
                );
            }
        }
        header(&mut text, "ocean_request_seconds", "histogram", "Time until an answer began.");
        for (endpoint, counts) in &*endpoints {
            let total: u64 = counts.statuses.values().sum();
            for (bound, count) in BOUNDS.iter().zip(counts.buckets) {
                line(
                    &mut text,
                    format_args!("ocean_request_seconds_bucket{{endpoint=\"{endpoint:?}\",le=\"{bound}\"}} {count}"),
                );
            }
            line(
                &mut text,
                format_args!("ocean_request_seconds_bucket{{endpoint=\"{endpoint:?}\",le=\"+Inf\"}} {total}"),
            );
            line(&mut text, format_args!("ocean_request_seconds_sum{{endpoint=\"{endpoint:?}\"}} {}", counts.seconds));
            line(&mut text, format_args!("ocean_request_seconds_count{{endpoint=\"{endpoint:?}\"}} {total}"));
        }
        for (name, help, value) in gauges {
            header(&mut text, name, "gauge", help);
            line(&mut text, format_args!("{name} {value}"));
        }
        text
    }
}

fn header(text: &mut String, name: &str, kind: &str, help: &str) {
    line(text, format_args!("# HELP {name} {help}"));
    line(text, format_args!("# TYPE {name} {kind}"));
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing to a text cannot fail.
    writeln!(text, "{content}").ok();
}
