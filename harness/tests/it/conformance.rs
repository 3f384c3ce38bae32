//! The conformance suite on our Provider and our node, and on servers that it must find fault with.

use axum::{Router, extract::Request, response::IntoResponse as _};
use ocean_conformance::{ExpectedFailure, Outcome, Surprise, run};
use ocean_primitives::Dialect;
use ocean_testbed::{Conformance, Testbed};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_servers_pass_in_both_dialects() {
    let testbed = Testbed::builder().start().await.unwrap();
    let conformance = Conformance::on(&testbed).await.unwrap();
    for (url, dialect, least) in
        [(testbed.provider_url(), Dialect::Provider, 90), (testbed.node_url(), Dialect::OceanNode, 80)]
    {
        let report = run(&conformance.target(url, dialect).unwrap()).await.unwrap();
        let surprises = report.surprises(&[]);
        assert!(surprises.is_empty(), "{report}");
        assert!(report.cases.len() >= least, "{} cases", report.cases.len());
        let names: std::collections::BTreeSet<_> = report.cases.iter().map(|case| &case.name).collect();
        assert_eq!(names.len(), report.cases.len(), "a name stands for two cases");
    }
    testbed.stop().await.unwrap();
}

/// Says yes to everything, with the file, whoever asks.
async fn agreeable(_: Request) -> axum::response::Response {
    (axum::http::StatusCode::OK, "line 0 of the file\n").into_response()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_are_wrong_fail_and_a_list_of_known_faults_is_kept_honest() {
    let testbed = Testbed::builder().start().await.unwrap();
    let conformance = Conformance::on(&testbed).await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(agreeable)).await.unwrap() });
    for dialect in [Dialect::Provider, Dialect::OceanNode] {
        let report = run(&conformance.target(&url, dialect).unwrap()).await.unwrap();
        let passed: Vec<_> = report.cases.iter().filter(|case| case.outcome == Outcome::Pass).collect();
        assert!(passed.iter().all(|case| AGREEABLE_PASSES.contains(&case.name.as_str())), "{passed:?}");
    }

    // The node asked in the Provider's dialect: what is known fails, what is not known or passes is told.
    let report = run(&conformance.target(testbed.node_url(), Dialect::Provider).unwrap()).await.unwrap();
    let mut known: Vec<_> =
        report.failures().map(|case| ExpectedFailure::new(&case.name, "it speaks another dialect")).collect();
    assert!(known.len() > 40, "{report}");
    assert!(report.surprises(&known).is_empty());
    let forgotten = known.pop().unwrap();
    let passing = report.cases.iter().find(|case| case.outcome == Outcome::Pass).unwrap().name.clone();
    known.push(ExpectedFailure::new(&passing, "it is said to fail"));
    known.push(ExpectedFailure::new("initialize/nothing", "there is no such case"));
    let surprises = report.surprises(&known);
    assert!(
        matches!(surprises.as_slice(),
            [Surprise::Failed(failed), Surprise::Passed(passed), Surprise::Unknown(unknown)]
                if failed.name == forgotten.case && passed.case == passing && unknown.case.ends_with("nothing")),
        "{surprises:?}"
    );
    testbed.stop().await.unwrap();
    assert!(run(&conformance.target("http://127.0.0.1:9", Dialect::Provider).unwrap()).await.is_err());
}

/// What a server that says yes to everything cannot be told from a good one by.
const AGREEABLE_PASSES: [&str; 1] = ["discovery/jobs-of-the-literal-path"];
