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
            problems.extend(problem.map(|problem| format!("{area}/{}: {problem}", case.name)));
            replayed += 1;
        }
    }
    let unknown = differences.iter().filter(|row| !exchange::exists(&row.area, &row.case));
    problems.extend(unknown.map(|row| format!("{}/{}: is in the table, and nowhere else", row.area, row.case)));
    assert!(problems.is_empty(), "{} of {replayed}:\n{}", problems.len(), problems.join("\n"));
    assert_eq!(replayed, 119, "recorded exchanges");
}
