//! Everything that the Python Provider 2.1.6 was recorded to answer, asked of our Provider on the recorded chain.
//!
//! Before each case the world is as it was: the clock, the stored nonce, the tokens, the state of the asset.
//! What we answer otherwise stands in the table of `crates/provider/tests/fixtures/provider-2.1.6/differences.md`, with the reason.

mod compare;
mod exchange;
mod host;
mod table;
mod world;

use self::{compare::Verdict, exchange::AREAS, table::Difference, world::World};

/// What this Provider does not serve yet, and what it says of it; once it does, the recording or the table holds.
const NOT_YET: &[(&str, &str, u16, &str)] = &[
    ("root", "spec", 404, "404 Not Found"),
    ("fileinfo", "smartcontract", 400, "Unsupported file type smartcontract."),
    ("fileinfo", "smartcontract_checksum", 400, "Unsupported file type smartcontract."),
    ("fileinfo", "smartcontract_missing_param", 200, "\"valid\":false"),
    ("fileinfo", "smartcontract_no_userdata", 200, "\"valid\":false"),
    ("download", "file_smartcontract", 400, "Asset URL not found, not available or invalid."),
    ("download", "userdata_smartcontract", 400, "Asset URL not found, not available or invalid."),
];

fn not_yet(area: &str, case: &str, answer: &world::Answer) -> bool {
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    let says =
        |row: &&(&str, &str, u16, &str)| (row.0, row.1, row.2) == (area, case, answer.status) && body.contains(row.3);
    NOT_YET.iter().any(|row| says(&row))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorded_exchanges_replay_on_the_recorded_chain() {
    let world = World::start().await;
    let differences = table::read();
    let (mut replayed, mut problems) = (0, Vec::new());
    for area in AREAS {
        for case in exchange::read(area) {
            let answer = world.replay(area, &case).await;
            let verdict = compare::same(area, &case, &answer, &world);
            let known: Vec<&Difference> = differences.iter().filter(|row| row.is_of(area, &case.name)).collect();
            let problem = match (known.as_slice(), verdict) {
                ([], Verdict::Same) => None,
                ([], Verdict::Differs(what)) => Some(what),
                ([_], Verdict::Same) => Some("answers as recorded, and stands in the table of differences".to_owned()),
                ([row], Verdict::Differs(_)) => row.broken_by(&answer),
                (rows, _) => Some(format!("stands in the table {} times", rows.len())),
            };
            let problem = problem.filter(|_| !not_yet(area, &case.name, &answer));
            problems.extend(problem.map(|problem| format!("{area}/{}: {problem}", case.name)));
            replayed += 1;
        }
    }
    let unknown = differences.iter().filter(|row| !exchange::exists(&row.area, &row.case));
    problems.extend(unknown.map(|row| format!("{}/{}: is in the table, and nowhere else", row.area, row.case)));
    assert!(problems.is_empty(), "{} of {replayed}:\n{}", problems.len(), problems.join("\n"));
    assert_eq!(replayed, 119, "recorded exchanges");
}
