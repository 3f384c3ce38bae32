//! What the policy server and the RBAC server have to say, where there are any.

use ocean_provider_api::{ApiError, Caller};
use ocean_service::access::gates::{PolicyAnswer, RbacEvent};
use serde_json::{Value, json};

use crate::{asset::Asset, router::Incoming, state::ProviderState};

/// Somebody who wants something of a service.
pub(crate) struct Wish<'a> {
    pub(crate) event: RbacEvent,
    pub(crate) service_id: &'a str,
    /// Who, as sent.
    pub(crate) consumer: String,
    /// What the policy server is told besides, as sent.
    pub(crate) policy: Option<Value>,
    /// More fields for the policy server.
    pub(crate) more: Value,
}

impl<'a> Wish<'a> {
    pub(crate) fn new(event: RbacEvent, request: &Incoming, service_id: &'a str, more: Value) -> Self {
        let consumer = request.data.text("consumerAddress").unwrap_or_default().into_owned();
        Self { event, service_id, consumer, policy: request.data.user_data("policyServer"), more }
    }
}

impl ProviderState {
    /// What the policy server says of a command; nothing where there is none.
    pub(crate) async fn policy(&self, command: &Value) -> Result<Option<PolicyAnswer>, ApiError> {
        let Some(server) = &self.parts().gates.policy else { return Ok(None) };
        let answer = server.ask(command).await;
        answer.map(Some).map_err(|_| ApiError::Unavailable("the policy server"))
    }

    /// Refuses what the policy server refuses.
    pub(crate) async fn ask_policy(&self, command: impl FnOnce() -> Value) -> Result<(), ApiError> {
        if self.parts().gates.policy.is_none() {
            return Ok(());
        }
        match self.policy(&command()).await? {
            Some(answer) if !answer.allows() => Err(denied(answer)),
            _ => Ok(()),
        }
    }

    /// Refuses what one of the servers refuses.
    pub(crate) async fn ask_gates(&self, asset: &Asset, wish: Wish<'_>) -> Result<(), ApiError> {
        let Wish { event, service_id, consumer, policy, more } = wish;
        let action = match event {
            RbacEvent::Initialize => "initialize",
            _ => "download",
        };
        let command = || {
            let mut command = json!({
                "action": action, "documentId": asset.ddo.id, "ddo": asset.raw.value(), "serviceId": service_id,
                "consumerAddress": consumer, "policyServer": policy,
            });
            if let (Value::Object(command), Value::Object(more)) = (&mut command, more) {
                command.extend(more);
            }
            command
        };
        self.ask_policy(command).await?;
        let Some(server) = &self.parts().gates.rbac else { return Ok(()) };
        let services = [(asset.ddo.id.as_str(), service_id)];
        match server.allows(&asset.chain.key, event, &consumer, &services).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(ApiError::Rbac),
            Err(_) => Err(ApiError::Unavailable("the RBAC server")),
        }
    }

    /// Uses up the nonce of a command, where it has one.
    pub(crate) async fn use_up(&self, caller: &Caller) -> Result<(), ApiError> {
        match &caller.authorization {
            Some(authorization) => self.use_nonce(authorization).await,
            None => self.allow_address(caller.address),
        }
    }
}

/// The refusal in the policy server's own words: a status that is the client's fault stays, any other is a refusal all the same.
pub(crate) fn denied(answer: PolicyAnswer) -> ApiError {
    let status = if (400..500).contains(&answer.status) { answer.status } else { 403 };
    let text = if answer.body.is_empty() { "Denied by the policy server".to_owned() } else { answer.body };
    ApiError::Policy { status, text }
}
