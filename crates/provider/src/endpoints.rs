mod auth_token;
mod buckets;
mod chain_records;
mod decrypt;
mod direct_command;
mod download;
mod encrypt;
mod encrypt_file;
mod file_info;
mod initialize;
mod logs;
mod nonce;
mod operation;
mod policy_server;
mod root;

use axum::{http::header, response::Response};
use futures_util::future::BoxFuture;
use ocean_primitives::Dialect;
use ocean_provider_api::{ApiError, Endpoint, direct_command::no_jobs, openapi, peers, validate_container};

pub(crate) use decrypt::Published;

use crate::{
    router::{Incoming, text},
    state::ProviderState,
};

/// Sends a request to its endpoint.
pub(crate) async fn handle(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    // Each on the heap: all of them side by side on the stack would be more than a thread has in a debug build.
    let answer: BoxFuture<'_, Result<Response, ApiError>> = match request.endpoint {
        Endpoint::Root => return root::get(state),
        Endpoint::Health => return Ok(json("{\"status\":\"ok\"}\n".to_owned())),
        Endpoint::Ready => Box::pin(operation::ready(state)),
        Endpoint::Metrics => return operation::metrics(state),
        Endpoint::Spec => return Ok(json(openapi::document(state.dialect()))),
        Endpoint::Docs => return Ok(text(200, "text/html; charset=utf-8", openapi::page(state.dialect()))),
        Endpoint::Nonce => Box::pin(nonce::get(state, request)),
        Endpoint::Encrypt => Box::pin(encrypt::post(state, request)),
        Endpoint::EncryptFile => Box::pin(encrypt_file::post(state, request)),
        Endpoint::Decrypt => Box::pin(decrypt::post(state, request)),
        Endpoint::FileInfo => Box::pin(file_info::post(state, request)),
        Endpoint::Initialize => Box::pin(initialize::get(state, request)),
        Endpoint::Download => Box::pin(download::get(state, request)),
        Endpoint::CreateAuthToken => Box::pin(auth_token::create(state, request)),
        Endpoint::DeleteAuthToken => Box::pin(auth_token::delete(state, request)),
        Endpoint::DirectCommand => Box::pin(direct_command::post(state, request)),
        // No compute jobs exist here.
        Endpoint::Jobs => return Ok(json(no_jobs(Dialect::OceanNode))),
        Endpoint::Peers | Endpoint::ProvidersForString | Endpoint::ProvidersForStrings => {
            return Ok(json(peers::none()));
        }
        Endpoint::Peer | Endpoint::FindPeer => return Err(peers::unknown(&request.data)),
        Endpoint::NetworkStats => return Err(peers::no_stats()),
        Endpoint::Logs => Box::pin(logs::list(state, request)),
        Endpoint::Log => Box::pin(logs::entry(state, request)),
        Endpoint::ValidateContainer => return validate_container::validate(state.dialect(), &request.data).map(json),
        Endpoint::PolicyPassthrough => Box::pin(policy_server::passthrough(state, request)),
        Endpoint::PolicyInitialize => Box::pin(policy_server::initialize(state, request)),
        Endpoint::CreateBucket => Box::pin(buckets::create(state, request)),
        Endpoint::ListBuckets => Box::pin(buckets::list(state, request)),
        Endpoint::UpdateBucket => Box::pin(buckets::update(state, request)),
        Endpoint::ListFiles => Box::pin(buckets::list_files(state, request)),
        Endpoint::UploadFile => Box::pin(buckets::upload(state, request)),
        Endpoint::DeleteFile => Box::pin(buckets::delete(state, request)),
        Endpoint::FileObject => Box::pin(buckets::object(state, request)),
        Endpoint::AccessLists => Box::pin(chain_records::lists(state, request)),
        Endpoint::AccessList => Box::pin(chain_records::list(state, request)),
        Endpoint::EscrowEvents => Box::pin(chain_records::escrow(state, request)),
        _ => return Err(ApiError::Internal),
    };
    answer.await
}

pub(crate) fn json(body: String) -> Response {
    text(200, "application/json", body)
}

/// The request's `Content-Type`, where it is text.
fn content_type(request: &Incoming) -> Option<&str> {
    request.headers.get(header::CONTENT_TYPE)?.to_str().ok()
}
