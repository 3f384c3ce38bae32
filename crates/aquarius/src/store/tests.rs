use super::*;

/// How SQLite answers a query.
fn plan(sql: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let reader = store.reader();
    let mut statement = reader.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let count = statement.parameter_count();
    let params = rusqlite::params_from_iter(std::iter::repeat_n("1", count));
    let lines = statement.query_map(params, |row| row.get::<_, String>(3)).unwrap();
    lines.map(|line| line.unwrap()).collect::<Vec<_>>().join("; ")
}

#[test]
fn lookups_use_their_index() {
    for (sql, index) in [
        (STATES_BY_DID, "USING INDEX states_by_did (chain=? AND <expr>=?)"),
        (STATES_BY_TX, "USING INDEX states_by_tx (chain=? AND <expr>=?)"),
        (DUE, "USING INDEX retries_by_time (chain=? AND <expr>>? AND <expr><?)"),
    ] {
        let plan = plan(sql);
        assert!(plan.contains(index) && !plan.contains("SCAN") && !plan.contains("TEMP"), "{plan}");
    }
}
