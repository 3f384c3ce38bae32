//! `POST /api/aquarius/assets/query` and `POST /api/aquarius/assets/metadata/query` (`aquarius.md`, sections 2.4, 4 and 7).

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::HeaderMap,
    response::Response,
};
use ocean_aquarius_api::{ApiError, JSON, query::INDEX};
use serde_json::Value;

use crate::{
    index::Entry,
    query::Search,
    routes::{
        envelope::{self, Source},
        respond,
    },
    state::AquariusState,
};

pub(crate) async fn query(
    State(state): State<AquariusState>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let dialect = state.dialect;
    let work = async {
        let body = respond::json_body(&headers, body)?;
        let search = Search::parse(&body)?;
        let started = Instant::now();
        let text = off_thread(&state, move |entries| {
            let mut found = search.run(entries.iter().map(|entry| &entry.document))?;
            found.took = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            envelope::text(&found, entries).map_err(|error| respond::internal(&error))
        })
        .await?;
        Ok(respond::body(200, JSON, text))
    };
    respond::either(dialect, work.await)
}

/// An array of arrays of documents, one for each version: ocean-node keeps an index per version.
pub(crate) async fn metadata_query(
    State(state): State<AquariusState>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let dialect = state.dialect;
    let work = async {
        let body = respond::json_body(&headers, body)?;
        let search = Search::parse_paged(&body)?;
        let text = off_thread(&state, move |entries| {
            // ocean-node names an index by the version of its documents, and pages through each of them.
            let mut by_index: BTreeMap<String, Vec<&Entry>> = BTreeMap::new();
            for entry in entries {
                by_index.entry(node_index(&entry.document.value)).or_default().push(entry);
            }
            let mut groups: Vec<Vec<Source<'_>>> = Vec::new();
            for (index, group) in by_index {
                if search.covers(INDEX) || search.covers(&index) {
                    let found = search.documents(group.iter().map(|entry| &entry.document))?;
                    groups.push(found.into_iter().map(|found| Source::of(&found.id, &found.value, entries)).collect());
                }
            }
            groups.retain(|group| !group.is_empty());
            serde_json::to_string(&groups).map_err(|error| respond::internal(&error))
        })
        .await?;
        Ok(respond::body(200, JSON, text))
    };
    respond::either(dialect, work.await)
}

fn node_index(document: &Value) -> String {
    let version = document.get("version").and_then(Value::as_str).unwrap_or_default();
    match version {
        "" | "deprecated" => "op_ddo_short".to_owned(),
        version => format!("op_ddo_v{version}"),
    }
}

/// A search reads every document: it does not run on the threads that answer everybody else.
async fn off_thread<T: Send + 'static>(
    state: &AquariusState,
    work: impl FnOnce(&[Arc<Entry>]) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let shared = Arc::clone(&state.shared);
    let done = tokio::task::spawn_blocking(move || work(&shared.index.all())).await;
    done.map_err(|error| respond::internal(&error))?
}
