//! Where datasets and algorithms come from, and how they get into a job's folder.

use std::{collections::BTreeSet, fmt, path::Path};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{TryStreamExt as _, stream::BoxStream};
use sha2::{Digest as _, Sha256};
use tokio::{fs, io::AsyncWriteExt as _};

use crate::job::Input;

/// The longest name of a provisioned file, in bytes.
const MAX_NAME: usize = 200;

/// Why an asset's files cannot be had. The text is for the owner of the job: it tells no address of a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InputError(pub String);

/// One file as it comes.
pub struct InputFile {
    /// The name the source gives it, if any. It is made usable and unique before it becomes a file's name.
    pub name: Option<String>,
    /// How long it says it is.
    pub length: Option<u64>,
    /// Its bytes.
    pub body: BoxStream<'static, Result<Bytes, InputError>>,
}

impl fmt::Debug for InputFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InputFile").field("name", &self.name).field("length", &self.length).finish_non_exhaustive()
    }
}

/// Opens the files of assets: through a storage of the same process, or at the Provider that serves them.
#[async_trait]
pub trait InputSource: fmt::Debug + Send + Sync {
    /// How many files the asset has.
    ///
    /// # Errors
    /// The asset cannot be found or read.
    async fn count(&self, input: &Input) -> Result<usize, InputError>;

    /// Opens one of them.
    ///
    /// # Errors
    /// It cannot be had.
    async fn open(&self, input: &Input, index: usize) -> Result<InputFile, InputError>;
}

/// A source without files: for jobs that bring everything with them.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoInputs;

#[async_trait]
impl InputSource for NoInputs {
    async fn count(&self, input: &Input) -> Result<usize, InputError> {
        Err(InputError(format!("{} cannot be fetched here", input.did)))
    }

    async fn open(&self, input: &Input, _: usize) -> Result<InputFile, InputError> {
        Err(InputError(format!("{} cannot be fetched here", input.did)))
    }
}

/// How the files of one asset are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming<'a> {
    /// 0, 1, 2 and so on.
    Numbers,
    /// As the source names them.
    Source,
    /// The first has this name, further ones are numbered.
    First(&'a str),
}

/// How much of the space for inputs is left, and which names are taken.
#[derive(Debug)]
pub(crate) struct Space {
    pub(crate) bytes: u64,
    pub(crate) names: BTreeSet<String>,
}

/// Fetches all files of an asset into `folder`.
pub(crate) async fn fetch(
    source: &dyn InputSource,
    input: &Input,
    folder: &Path,
    naming: Naming<'_>,
    space: &mut Space,
) -> Result<Vec<String>, InputError> {
    let count = source.count(input).await?;
    if let Some(digests) = &input.digests
        && digests.len() != count
    {
        return Err(InputError(format!("{} has {count} files, {} were checked", input.did, digests.len())));
    }
    let mut names = Vec::with_capacity(count);
    for index in 0..count {
        let file = source.open(input, index).await?;
        let wanted = match naming {
            Naming::Numbers => index.to_string(),
            Naming::First(name) if index == 0 => name.to_owned(),
            Naming::First(_) => index.to_string(),
            Naming::Source => usable(file.name.as_deref().unwrap_or_default(), index),
        };
        let name = unique(&wanted, &mut space.names);
        let (size, digest) = write(file, &folder.join(&name), &mut space.bytes).await?;
        if let Some(checked) = input.digests.as_ref().and_then(|digests| digests.get(index))
            && !checked.eq_ignore_ascii_case(&digest)
        {
            return Err(InputError(format!(
                "file {index} of {} is not the one that was checked: its checksum is {digest}, checked was {checked}",
                input.did
            )));
        }
        tracing::debug!(did = %input.did, index, size, "a file was fetched");
        names.push(name);
    }
    Ok(names)
}

async fn write(mut file: InputFile, path: &Path, left: &mut u64) -> Result<(u64, String), InputError> {
    let broken = |error: std::io::Error| InputError(format!("a file cannot be stored: {}", error.kind()));
    let mut target = fs::File::create(path).await.map_err(broken)?;
    let (mut hash, mut size) = (Sha256::new(), 0_u64);
    while let Some(piece) = file.body.try_next().await? {
        size = size.saturating_add(piece.len() as u64);
        *left = left
            .checked_sub(piece.len() as u64)
            .ok_or_else(|| InputError("the inputs are larger than the space for them".to_owned()))?;
        hash.update(&piece);
        target.write_all(&piece).await.map_err(broken)?;
    }
    target.flush().await.map_err(broken)?;
    match file.length {
        Some(length) if length != size => Err(InputError(format!("a file ended after {size} of {length} bytes"))),
        _ => Ok((size, hex::encode(hash.finalize()))),
    }
}

/// A source's name as that of a file: never empty, a path, hidden or too long.
fn usable(name: &str, index: usize) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = name.chars().filter(|letter| !letter.is_control()).collect();
    let mut clean = clean.trim().trim_start_matches('.').to_owned();
    while clean.len() > MAX_NAME {
        clean.pop();
    }
    if clean.is_empty() { format!("file{index}") } else { clean }
}

/// `name`, or with a number in front of its ending where it is taken.
fn unique(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut candidate = name.to_owned();
    let mut number = 1_u64;
    while !taken.insert(candidate.clone()) {
        number += 1;
        candidate = match name.rsplit_once('.') {
            Some((stem, ending)) if !stem.is_empty() => format!("{stem}-{number}.{ending}"),
            _ => format!("{name}-{number}"),
        };
    }
    candidate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: &str) {
        assert_eq!(usable(name, 3), expected, "{name}");
    }

    #[test]
    fn names_of_sources_become_names_of_files() {
        check("data.csv", "data.csv");
        check("", "file3");
        check("..", "file3");
        check("/", "file3");
        check("../../etc/passwd", "passwd");
        check("a\\b.txt", "b.txt");
        check(".hidden", "hidden");
        check("\0\n", "file3");
        check("a\nb", "ab");
        check(&"é".repeat(300), &"é".repeat(100));
    }

    #[test]
    fn names_are_unique() {
        let mut taken = BTreeSet::from(["algoCustomData.json".to_owned()]);
        let names = ["a.csv", "a.csv", "a.csv", "b", "b", "algoCustomData.json", "a-2.csv"]
            .map(|name| unique(name, &mut taken));
        assert_eq!(names, ["a.csv", "a-2.csv", "a-3.csv", "b", "b-2", "algoCustomData-2.json", "a-2-2.csv"]);
    }
}
