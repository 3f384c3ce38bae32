//! What a service encrypts, decrypts, signs and recovers for each request.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group};
use ocean_crypto::{Flags, Message, PrivateKey, ecies, payload, sign_message, verify_message};
use ocean_primitives::Dialect;

criterion_group!(benches, encryption, signatures);

fn encryption(criterion: &mut Criterion) {
    let key = PrivateKey::from_bytes(&[7; 32]).expect("a key");
    let receiver = key.public_key();
    for (size, bytes) in [("1k", 1 << 10), ("64k", 1 << 16)] {
        let clear = vec![b'x'; bytes];
        let cipher = ecies::encrypt(&receiver, &clear);
        let mut group = criterion.benchmark_group("crypto/ecies");
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(format!("encrypt/{size}"), |bencher| {
            bencher.iter(|| ecies::encrypt(&receiver, black_box(&clear)));
        });
        group.bench_function(format!("decrypt/{size}"), |bencher| {
            bencher.iter(|| ecies::decrypt(&key, black_box(&cipher)).expect("our own"));
        });
        group.finish();
    }
    let document = include_bytes!("../documents/4.7.0.json");
    let flags = Flags(3);
    let encoded = payload::encode(document, flags, &receiver).expect("a document");
    criterion.bench_function("crypto/payload/decode", |bencher| {
        bencher.iter(|| payload::decode(black_box(&encoded), flags, Some(&key), 1 << 20).expect("our own"));
    });
}

fn signatures(criterion: &mut Criterion) {
    let key = PrivateKey::from_bytes(&[7; 32]).expect("a key");
    let consumer = key.address().to_string();
    let text = Message::Download { consumer: &consumer, document_id: "did:op:0", nonce: "1" }.text(Dialect::OceanNode);
    let signature = sign_message(&key, Dialect::OceanNode, &text);
    criterion.bench_function("crypto/request/sign", |bencher| {
        bencher.iter(|| sign_message(&key, Dialect::OceanNode, black_box(&text)));
    });
    criterion.bench_function("crypto/request/verify", |bencher| {
        bencher.iter(|| {
            verify_message(Dialect::OceanNode, black_box(&text), &signature, key.address()).expect("our own");
        });
    });
}
