//! `POST /api/services/fileinfo`

use axum::response::Response;
use ocean_ddo::FileObject;
use ocean_provider_api::{
    ApiError, FileFault,
    file_info::{FileEntry, FileInfoRequest, FileInfoSubject, response},
};
use ocean_storage::{Error as StorageError, FileInfo, InfoOptions};

use crate::{endpoints::json, router::Incoming, state::ProviderState};

/// The most files of one asset that are probed.
const MANY: usize = 100;

pub(crate) async fn post(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    let asked = FileInfoRequest::parse(state.dialect(), &request.data)?;
    let options = InfoOptions { checksum: asked.checksum, max_checksum: state.limits().checksum };
    let files = match &asked.subject {
        FileInfoSubject::Asset { did, service_id } => {
            let asset = state.asset(Some(did)).await?;
            let (_, service) = asset.service(service_id)?;
            let files = asset.files(service)?;
            files.into_iter().take(MANY).map(|file| (file.kind().to_owned(), file)).collect()
        }
        FileInfoSubject::File { kind, object } => {
            let file: FileObject =
                serde_json::from_value(object.clone()).map_err(|_| ApiError::File(FileFault::Malformed))?;
            vec![(kind.clone(), file)]
        }
        _ => return Err(ApiError::Internal),
    };
    let mut entries = Vec::with_capacity(files.len());
    // One after the other: a list of many files must not become as many requests at once.
    for (kind, file) in files {
        let info = state.parts().storage.info_for(&file, options, asked.user_data.as_ref()).await;
        entries.push(entry(kind, info)?);
    }
    Ok(json(response(state.dialect(), &entries)))
}

fn entry(kind: String, info: FileInfo) -> Result<FileEntry, ApiError> {
    match info.error {
        Some(StorageError::Unsupported(_)) => Err(ApiError::File(FileFault::Unsupported(kind))),
        Some(StorageError::MissingParameter) => Err(ApiError::File(FileFault::MissingParameters)),
        Some(StorageError::NotView) => Err(ApiError::File(FileFault::NotView)),
        Some(StorageError::MissingField(_)) => Err(ApiError::File(FileFault::Malformed)),
        Some(StorageError::InvalidFile(_)) if kind == "smartcontract" => Err(ApiError::File(FileFault::Malformed)),
        _ => Ok(FileEntry {
            kind,
            valid: info.valid,
            content_length: info.content_length,
            content_type: info.content_type,
            file_name: info.file_name,
            checksum: info.checksum,
        }),
    }
}
