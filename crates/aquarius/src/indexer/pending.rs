//! Calls to decryptors that nobody waits for: whoever publishes names the URL, and a server that never answers must not hold
//! up anybody else's assets.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use ocean_service::{DecryptError, DecryptRequest, Decryptor};
use tokio::task::JoinHandle;

/// How long one document may take to decrypt.
const DEADLINE: Duration = Duration::from_secs(15);
/// How many documents one decryptor is asked for at the same time.
const PER_URL: usize = 8;
/// How many calls run at the same time.
const TOTAL: usize = 128;

pub(crate) type Answer = Result<Vec<u8>, DecryptError>;

/// Running and finished calls, by the key of their log.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    calls: BTreeMap<String, Call>,
}

#[derive(Debug)]
struct Call {
    url: String,
    task: JoinHandle<Answer>,
}

impl Drop for Call {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Pending {
    /// The answer for the log with this key, whose call is started unless it runs already; none when it does not come within
    /// `patience`, or when too many calls run.
    pub(crate) async fn answer(
        &mut self,
        key: &str,
        decryptor: &Arc<dyn Decryptor>,
        request: &DecryptRequest,
        patience: Duration,
    ) -> Option<Answer> {
        let mut call = match self.calls.remove(key) {
            Some(call) => call,
            None if !self.has_room(&request.decryptor_url) => return None,
            None => start(Arc::clone(decryptor), request.clone()),
        };
        match tokio::time::timeout(patience, &mut call.task).await {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(_)) => Some(Err(DecryptError::Unavailable("the call ended unexpectedly".to_owned()))),
            Err(_) => {
                self.calls.insert(key.to_owned(), call);
                None
            }
        }
    }

    /// Whether a call for the log with this key has been started and not ended.
    pub(crate) fn is_running(&self, key: &str) -> bool {
        self.calls.get(key).is_some_and(|call| !call.task.is_finished())
    }

    pub(crate) fn len(&self) -> usize {
        self.calls.len()
    }

    /// Ends all calls.
    pub(crate) fn clear(&mut self) {
        self.calls.clear();
    }

    fn has_room(&self, url: &str) -> bool {
        self.calls.len() < TOTAL && self.calls.values().filter(|call| call.url == url).count() < PER_URL
    }
}

fn start(decryptor: Arc<dyn Decryptor>, request: DecryptRequest) -> Call {
    let url = request.decryptor_url.clone();
    let task = tokio::spawn(async move {
        tokio::time::timeout(DEADLINE, decryptor.decrypt(&request))
            .await
            .unwrap_or_else(|_| Err(DecryptError::Unavailable(format!("no answer within {} s", DEADLINE.as_secs()))))
    });
    Call { url, task }
}
