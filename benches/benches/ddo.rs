//! Documents: what a service does with each one that comes in, and what a verdict costs alone.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group};
use ocean_ddo::{
    RawDdo,
    validate::{Profile, validate},
};
use serde_json::json;

criterion_group!(benches, intake, verdicts, parts, tags);

/// A document of each form that uses every field of its version.
const DOCUMENTS: [(&str, &str); 2] =
    [("4.7.0", include_str!("../documents/4.7.0.json")), ("5.0.0", include_str!("../documents/5.0.0.json"))];

fn sample(text: &str) -> RawDdo {
    let document = RawDdo::parse(text).expect("a document");
    assert!(validate(&document, Profile::DdoJs).valid, "a valid one");
    document
}

fn intake(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ddo/parse+validate+checksum");
    for (version, text) in DOCUMENTS {
        sample(text);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(version, |bencher| {
            bencher.iter(|| {
                let document = RawDdo::parse(black_box(text)).expect("a document");
                (validate(&document, Profile::DdoJs).valid, document.checksum())
            });
        });
    }
    group.finish();
}

fn verdicts(criterion: &mut Criterion) {
    for (name, profile) in [("ddo/validate", Profile::DdoJs), ("ddo/validate-strict", Profile::Strict)] {
        let mut group = criterion.benchmark_group(name);
        for (version, text) in DOCUMENTS {
            let document = sample(text);
            group.bench_function(version, |bencher| bencher.iter(|| validate(black_box(&document), profile).valid));
        }
        group.finish();
    }
}

fn parts(criterion: &mut Criterion) {
    for (version, text) in DOCUMENTS {
        let document = sample(text);
        criterion.bench_function(&format!("ddo/parse/{version}"), |bencher| {
            bencher.iter(|| RawDdo::parse(black_box(text)).expect("a document"));
        });
        criterion.bench_function(&format!("ddo/checksum/{version}"), |bencher| {
            bencher.iter(|| black_box(&document).checksum());
        });
        criterion.bench_function(&format!("ddo/view/{version}"), |bencher| bencher.iter(|| black_box(&document).ddo()));
        criterion.bench_function(&format!("ddo/edit/{version}"), |bencher| {
            bencher.iter(|| black_box(&document).set("/id", &json!("did:op:1")));
        });
    }
}

/// The time for each byte must not grow with the document.
fn tags(criterion: &mut Criterion) {
    let document = sample(DOCUMENTS[0].1);
    let mut group = criterion.benchmark_group("ddo/parse+validate+checksum/tags");
    group.sample_size(20);
    for count in [10_000, 20_000, 40_000, 80_000] {
        let tags: Vec<_> = (0..count).map(|tag| format!("tag number {tag}")).collect();
        let text = document.set("/metadata/tags", &json!(tags)).expect("an edit").as_str().to_owned();
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(count.to_string(), |bencher| {
            bencher.iter(|| {
                let document = RawDdo::parse(black_box(text.as_str())).expect("a document");
                (validate(&document, Profile::DdoJs).valid, document.checksum())
            });
        });
    }
    group.finish();
}
