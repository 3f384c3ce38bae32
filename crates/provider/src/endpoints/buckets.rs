//! `/api/services/persistentStorage/buckets` and what lies below it

use std::sync::PoisonError;

use axum::response::Response;
use ocean_provider_api::{
    ApiError, StorageFault,
    persistent_storage::{
        BucketRequest, CreateBucket, ListBuckets, UpdateBucket, buckets, created, file_object, files, removed, renamed,
        stored,
    },
};
use ocean_service::buckets::{BucketError, BucketStore};

use crate::{endpoints::json, router::Incoming, state::ProviderState};

pub(crate) async fn create(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    let asked = CreateBucket::parse(&request.data, &request.auth)?;
    let store = store(state)?;
    state.use_up(&asked.caller).await?;
    let made = store.create(&state.parts().chains, asked.caller.address, asked.lists, asked.label, state.now()).await;
    // Here the caller is not on the node's list; elsewhere not on the bucket's.
    let made = made.map_err(|error| match error {
        BucketError::Denied => StorageFault::CreateDenied.into(),
        error => refusal(error, "", ""),
    })?;
    Ok(json(created(&made)))
}

pub(crate) async fn list(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    let asked = ListBuckets::parse(&request.data, &request.auth)?;
    let store = store(state)?;
    state.use_up(&asked.caller).await?;
    let found = store.list(&state.parts().chains, asked.owner, asked.caller.address).await;
    Ok(json(buckets(&found.map_err(|error| refusal(error, "", ""))?)))
}

pub(crate) async fn update(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    let asked = UpdateBucket::parse(&request.data, &request.auth, request.part("bucketId"))?;
    let store = store(state)?;
    state.use_up(&asked.caller).await?;
    let done = store.rename(&asked.bucket, asked.caller.address, asked.label.clone()).await;
    done.map_err(|error| refusal(error, &asked.bucket, ""))?;
    Ok(json(renamed(&asked.bucket, asked.label.as_deref())))
}

pub(crate) async fn list_files(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    let asked = BucketRequest::list(&request.data, &request.auth, request.part("bucketId"))?;
    let store = opened(state, &asked).await?;
    let found = async { store.files(&bucket(state, store, &asked).await?).await };
    let found = found.await.map_err(|error| refusal(error, &asked.bucket, ""))?;
    Ok(json(files(&asked.bucket, &found)))
}

/// The file is not read before everything else has been checked.
pub(crate) async fn upload(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    let (bucket_id, name) = (request.part("bucketId"), request.part("fileName"));
    let asked = BucketRequest::upload(&request.data, &request.auth, bucket_id, name)?;
    let store = opened(state, &asked).await?;
    let refused = |error| refusal(error, &asked.bucket, &asked.file);
    let bucket = bucket(state, store, &asked).await.map_err(refused)?;
    let content = request.stream.lock().unwrap_or_else(PoisonError::into_inner).take();
    let content = content.ok_or_else(|| ApiError::Invalid("Upload stream error".to_owned()))?;
    let file = store.upload(&bucket, &asked.file, content.into_data_stream(), state.now()).await.map_err(refused)?;
    Ok(json(stored(&asked.bucket, &file)))
}

pub(crate) async fn delete(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    let (bucket_id, name) = (request.part("bucketId"), request.part("fileName"));
    let asked = BucketRequest::delete(&request.data, &request.auth, bucket_id, name)?;
    let store = opened(state, &asked).await?;
    let done = async { store.delete(&bucket(state, store, &asked).await?, &asked.file).await };
    done.await.map_err(|error| refusal(error, &asked.bucket, &asked.file))?;
    Ok(json(removed()))
}

pub(crate) async fn object(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    let (bucket_id, name) = (request.part("bucketId"), request.part("fileName"));
    let asked = BucketRequest::object(&request.data, &request.auth, bucket_id, name)?;
    let store = opened(state, &asked).await?;
    let found = async { store.file(&bucket(state, store, &asked).await?, &asked.file).await };
    found.await.map_err(|error| refusal(error, &asked.bucket, &asked.file))?;
    Ok(json(file_object(&asked.bucket, &asked.file)))
}

fn store(state: &ProviderState) -> Result<&BucketStore, ApiError> {
    state.parts().buckets.as_ref().ok_or(ApiError::Storage(StorageFault::Disabled))
}

/// The store, for a request whose nonce is used up.
async fn opened<'a>(state: &'a ProviderState, asked: &BucketRequest) -> Result<&'a BucketStore, ApiError> {
    let store = store(state)?;
    state.use_up(&asked.caller).await?;
    Ok(store)
}

async fn bucket(
    state: &ProviderState,
    store: &BucketStore,
    asked: &BucketRequest,
) -> Result<ocean_provider_api::persistent_storage::Bucket, BucketError> {
    store.bucket(&state.parts().chains, &asked.bucket, asked.caller.address).await
}

fn refusal(error: BucketError, bucket: &str, file: &str) -> ApiError {
    let fault = match error {
        BucketError::NoBucket => StorageFault::NoBucket(bucket.to_owned()),
        BucketError::NoFile => StorageFault::NoFile(file.to_owned()),
        BucketError::Denied => StorageFault::Denied,
        BucketError::Quota(what) => StorageFault::Quota(what),
        BucketError::TooLarge => return ApiError::TooLarge,
        BucketError::Broken => return ApiError::BodyBroken,
        BucketError::Chain => return ApiError::Unavailable("the chain"),
        error => {
            tracing::error!(?error, "buckets");
            return ApiError::Unavailable("the persistent storage");
        }
    };
    fault.into()
}
