//! `GET`, `PUT`, `DELETE /api/services/compute`, `GET /api/services/computeResult`, `GET /api/services/computeEnvironments`,
//! `GET /api/services/computeStreamableLogs`

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use ocean_compute::{
    engine::JobFilter,
    job::{Job, ResultKind},
};
use ocean_primitives::{ChainId, Dialect};
use ocean_provider_api::{
    compute::{ComputeFault, LogsRequest, ResultRequest, StatusRequest, StopRequest},
    download::content_disposition,
    json_text,
};

use super::{Asked, Compute, answers, engine_fault};
use crate::{endpoints::json as answer, state::ProviderState};

pub(super) async fn environments(
    state: &ProviderState,
    compute: &Compute,
    asked: &Asked,
) -> Result<Response, ComputeFault> {
    let usages = compute.engine.environments().await.map_err(engine_fault)?;
    let chain: Option<ChainId> = asked.data.filled("chainId").and_then(|text| text.parse().ok());
    let body = match state.dialect() {
        Dialect::OceanNode => answers::node_environments(state, compute, &usages, chain),
        _ => answers::provider_environments(state, &usages),
    };
    Ok(answer(json_text(state.dialect(), &body)))
}

pub(super) async fn status(state: &ProviderState, compute: &Compute, asked: &Asked) -> Result<Response, ComputeFault> {
    let request = StatusRequest::parse(state.dialect(), &asked.data)?;
    let id = request.job_id.as_deref().map(|named| compute.job_id(named));
    // A name that is none, and one that nobody has, are answered alike: with nothing.
    let jobs = match id {
        Some(None) => Vec::new(),
        id => {
            let filter = JobFilter { id: id.flatten(), owner: request.consumer, agreement_id: request.agreement_id };
            compute.engine.jobs(filter).await.map_err(engine_fault)?
        }
    };
    Ok(answers::rows(state, compute, &jobs, false))
}

pub(super) async fn stop(state: &ProviderState, compute: &Compute, asked: &Asked) -> Result<Response, ComputeFault> {
    let request = StopRequest::parse(state.dialect(), &asked.data, &asked.auth)?;
    let jobs = meant(compute, &request).await?;
    state.use_nonce(&request.authorization).await?;
    let mut stopped = Vec::with_capacity(jobs.len());
    for job in jobs {
        stopped.push(compute.engine.stop(&job.id).await.map_err(engine_fault)?);
    }
    Ok(answers::rows(state, compute, &stopped, false))
}

pub(super) async fn delete(state: &ProviderState, compute: &Compute, asked: &Asked) -> Result<Response, ComputeFault> {
    let request = StopRequest::parse(state.dialect(), &asked.data, &asked.auth)?;
    let jobs = meant(compute, &request).await?;
    state.use_nonce(&request.authorization).await?;
    for job in jobs.iter().filter(|job| job.is_done()) {
        compute.engine.delete(&job.id).await.map_err(engine_fault)?;
    }
    let left: Vec<Job> = jobs.into_iter().filter(|job| !job.is_done()).collect();
    Ok(answers::rows(state, compute, &left, false))
}

/// The caller's jobs that are named: one by its name, or those on a dataset.
async fn meant(compute: &Compute, request: &StopRequest) -> Result<Vec<Job>, ComputeFault> {
    let owner = request.authorization.address;
    if let Some(named) = &request.job_id {
        return Ok(vec![compute.job_of(named, owner).await?]);
    }
    let Some(did) = &request.document_id else {
        return Err(ComputeFault::Refused("jobId or documentId is required".to_owned()));
    };
    let filter = JobFilter { owner: Some(owner), ..JobFilter::default() };
    let jobs = compute.engine.jobs(filter).await.map_err(engine_fault)?;
    Ok(jobs.into_iter().filter(|job| job.spec.datasets.iter().any(|input| input.did == *did)).collect())
}

pub(super) async fn result(state: &ProviderState, compute: &Compute, asked: &Asked) -> Result<Response, ComputeFault> {
    let request = ResultRequest::parse(state.dialect(), &asked.data, &asked.auth)?;
    let job = compute.job_of(&request.job_id, request.authorization.address).await?;
    let index = usize::try_from(request.index).unwrap_or(usize::MAX);
    let missing = || ComputeFault::Unfound(format!("job {} has no result {}", job.id, request.index));
    let listed = job.results.get(index).filter(|_| !job.expired).ok_or_else(missing)?;
    let range = asked.headers.get(header::RANGE).and_then(|range| range.to_str().ok());
    let (from, until, partial) = wanted(range, request.offset, listed.size);
    if from > listed.size || (partial && from >= listed.size && listed.size > 0) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
        set(&mut response, header::CONTENT_RANGE, &format!("bytes */{}", listed.size));
        return Ok(response);
    }
    let opened = compute.engine.open_result(&job.id, index, from).await.map_err(engine_fault)?;
    state.use_nonce(&request.authorization).await?;
    let length = until.saturating_sub(from);
    let mut response = Response::new(Body::from_stream(limited(opened.body, length)));
    let kind = match listed.kind {
        ResultKind::Output => "application/octet-stream",
        _ => "text/plain; charset=utf-8",
    };
    set(&mut response, header::CONTENT_TYPE, kind);
    set(&mut response, header::CONTENT_LENGTH, &length.to_string());
    set(&mut response, header::ACCEPT_RANGES, "bytes");
    // A name of the algorithm's may be a path; a browser wants a file's name.
    let name = listed.name.rsplit('/').next().unwrap_or_default();
    set(&mut response, header::CONTENT_DISPOSITION, &content_disposition(name));
    set(&mut response, header::ACCESS_CONTROL_EXPOSE_HEADERS, "Content-Disposition");
    if partial {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        set(&mut response, header::CONTENT_RANGE, &format!("bytes {from}-{}/{}", until.saturating_sub(1), listed.size));
    }
    Ok(response)
}

fn set(response: &mut Response, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// Where to begin and to end, and whether that is a part: one range of bytes, or ocean-node's offset. Other ranges are ignored.
fn wanted(range: Option<&str>, offset: u64, size: u64) -> (u64, u64, bool) {
    let parsed = range.and_then(|range| {
        let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
        if from.is_empty() {
            let last: u64 = to.parse().ok()?;
            return Some((size.saturating_sub(last), size));
        }
        let from: u64 = from.parse().ok()?;
        let end = if to.is_empty() { size } else { to.parse::<u64>().ok()?.checked_add(1)?.min(size) };
        (from <= end || from >= size).then_some((from, end.max(from.min(size))))
    });
    match parsed {
        Some((from, end)) => (from, end, true),
        // A size that is reached is an empty rest, not an error: the client has everything.
        None => (offset.min(size), size, false),
    }
}

/// The first `length` bytes.
fn limited(
    body: futures_util::stream::BoxStream<'static, std::io::Result<axum::body::Bytes>>,
    length: u64,
) -> impl futures_util::Stream<Item = std::io::Result<axum::body::Bytes>> + Send + 'static {
    use futures_util::StreamExt as _;
    body.scan(length, |left, piece| {
        let next = (*left > 0).then(|| {
            piece.map(|mut piece| {
                piece.truncate(usize::try_from(*left).unwrap_or(usize::MAX).min(piece.len()));
                *left -= piece.len() as u64;
                piece
            })
        });
        std::future::ready(next)
    })
}

pub(super) async fn logs(state: &ProviderState, compute: &Compute, asked: &Asked) -> Result<Response, ComputeFault> {
    let request = LogsRequest::parse(state.dialect(), &asked.data, &asked.auth)?;
    let job = compute.job_of(&request.job_id, request.authorization.address).await?;
    let log = compute.engine.follow_log(&job.id).await.map_err(engine_fault)?;
    state.use_nonce(&request.authorization).await?;
    let mut response = Response::new(Body::from_stream(log));
    set(&mut response, header::CONTENT_TYPE, "text/plain; charset=utf-8");
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(range: Option<&str>, offset: u64, expected: (u64, u64, bool)) {
        assert_eq!(wanted(range, offset, 100), expected, "{range:?} {offset}");
    }

    #[test]
    fn parts_of_results() {
        check(None, 0, (0, 100, false));
        check(None, 40, (40, 100, false));
        check(None, 400, (100, 100, false));
        check(Some("bytes=0-"), 0, (0, 100, true));
        check(Some("bytes=10-19"), 0, (10, 20, true));
        check(Some("bytes=90-500"), 0, (90, 100, true));
        check(Some("bytes=-5"), 0, (95, 100, true));
        check(Some("bytes=-500"), 0, (0, 100, true));
        check(Some("bytes=100-"), 0, (100, 100, true));
        check(Some("bytes=20-10"), 7, (7, 100, false));
        check(Some("bytes=1-2,4-5"), 0, (0, 100, false));
        check(Some("lines=1-2"), 0, (0, 100, false));
    }
}
