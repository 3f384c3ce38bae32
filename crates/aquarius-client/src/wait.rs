use std::time::Duration;

use ocean_aquarius_api::state::DdoStateQuery;
use ocean_ddo::RawDdo;
use ocean_did::Did;
use ocean_primitives::B256;
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout};

use crate::{
    client::AquariusClient,
    error::{Error, Result},
};

/// The shortest pause between two looks.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How long to wait before asking why.
const PATIENCE: Duration = Duration::from_millis(300);
/// How long the last question after the deadline may take.
const LAST_WORDS: Duration = Duration::from_secs(2);

impl AquariusClient {
    /// Waits until the document of `did` is the one that transaction `tx` wrote.
    ///
    /// # Errors
    /// [`Error::Rejected`] as soon as the indexer says that it will not index the transaction, [`Error::NotIndexed`] with its
    /// reason when the deadline passes. A server that does not answer is asked again until then.
    pub async fn wait_for(&self, did: &Did, tx: B256, deadline: Duration) -> Result<RawDdo> {
        let started = Instant::now();
        let mut trouble = None;
        loop {
            let left = deadline.saturating_sub(started.elapsed());
            match timeout(left, self.ddo(did)).await {
                Ok(Ok(Some(document))) if wrote(&document, tx) => return Ok(document),
                Ok(Ok(_)) => trouble = None,
                Ok(Err(error)) if error.is_retryable() => trouble = Some(error.to_string()),
                Ok(Err(error)) => return Err(error),
                Err(_) => {}
            }
            if started.elapsed() >= PATIENCE
                && let Some(reason) = self.rejection(did, tx, deadline.saturating_sub(started.elapsed())).await
            {
                // Between the two answers the document may have come.
                return match self.ddo(did).await {
                    Ok(Some(document)) if wrote(&document, tx) => Ok(document),
                    _ => Err(Error::Rejected { did: did.clone(), tx, reason }),
                };
            }
            if started.elapsed() >= deadline {
                let reason = match trouble {
                    Some(trouble) => Some(trouble),
                    None => self.reason(did, LAST_WORDS).await,
                };
                return Err(Error::NotIndexed { did: did.clone(), tx, waited: started.elapsed(), reason });
            }
            // An eighth of the time so far: the last look is late by little, and a long wait asks seldom.
            let pause = (started.elapsed() / 8).clamp(FIRST_PAUSE, LONGEST_PAUSE);
            sleep(pause.min(deadline.saturating_sub(started.elapsed()))).await;
        }
    }

    /// The reason why this transaction will never be indexed, if the server knows one.
    async fn rejection(&self, did: &Did, tx: B256, limit: Duration) -> Option<String> {
        let asked = async {
            let state = self.state(&DdoStateQuery::did(did.as_str())).await.ok()??;
            let same = state.tx_id.parse::<B256>().is_ok_and(|seen| seen == tx);
            let waiting = self.is_waiting(did).await.unwrap_or(true);
            (same && !state.valid && !waiting).then_some(state.error)
        };
        timeout(limit, asked).await.ok()?
    }

    /// What the server says about the asset.
    async fn reason(&self, did: &Did, limit: Duration) -> Option<String> {
        let asked = async { self.state(&DdoStateQuery::did(did.as_str())).await.ok()? };
        let state = timeout(limit, asked).await.ok()??;
        Some(match (state.valid, state.error.as_str()) {
            (true, _) => format!("the index holds transaction {}", state.tx_id),
            (false, "") => "the indexer gives no reason".to_owned(),
            (false, reason) => reason.to_owned(),
        })
    }
}

/// Whether the served document is the one that `tx` wrote, in either shape.
fn wrote(document: &RawDdo, tx: B256) -> bool {
    let value = document.value();
    let same = |pointer: &str| {
        let text = value.pointer(pointer).and_then(Value::as_str);
        text.and_then(|text| text.parse::<B256>().ok()).is_some_and(|seen| seen == tx)
    };
    same("/event/tx") || same("/indexedMetadata/event/txid")
}
