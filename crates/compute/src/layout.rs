//! What an algorithm finds in its container, by dialect: paths, variables and command.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use ocean_primitives::Dialect;
use tokio::fs;

use crate::{
    input::{InputError, InputSource, Naming, Space, fetch},
    job::{Failure, FailureKind, Input, Job},
};

/// Where the algorithm's first file is, below `/data`.
const ALGORITHM: &str = "data/transformations/algorithm";

/// The name of the consumer's parameters.
const CUSTOM_DATA: &str = "algoCustomData.json";

/// The words of the command with the algorithm's file in place of `$ALGO`.
///
/// The old stack has a shell for it and replaces every `$ALGO`; ocean-node replaces the first one and splits at spaces. Its path
/// is relative there, to a working directory of `/`; an absolute one is the same file from everywhere.
pub(crate) fn arguments(dialect: Dialect, entrypoint: &str) -> Vec<String> {
    let path = format!("/{ALGORITHM}");
    match dialect {
        Dialect::OceanNode => entrypoint
            .replacen("$ALGO", &path, 1)
            .split(' ')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect(),
        _ => {
            let command = entrypoint.replace("$ALGO", &path);
            // A command without anything for a shell needs none, so images without one can run it.
            let plain = |letter: char| letter.is_ascii_alphanumeric() || " ./_-=:,@+".contains(letter);
            if command.chars().all(plain) {
                command.split_whitespace().map(str::to_owned).collect()
            } else {
                vec!["sh".to_owned(), "-c".to_owned(), command]
            }
        }
    }
}

/// The variables.
pub(crate) fn environment(job: &Job) -> BTreeMap<String, String> {
    if job.spec.dialect == Dialect::OceanNode {
        return job.spec.algorithm.environment.clone();
    }
    let dids: Vec<_> = job.spec.datasets.iter().map(|input| hex_id(&input.did)).collect();
    let variables = [
        ("DIDS", serde_json::to_string(&dids).unwrap_or_default()),
        ("TRANSFORMATION_DID", hex_id(&job.spec.algorithm.input.did)),
        ("VOLUME", "/data".to_owned()),
        ("LOGS", "/data/logs".to_owned()),
        ("INPUTS", "/data/inputs".to_owned()),
        ("OUTPUTS", "/data/outputs".to_owned()),
        ("secret", "no secrets".to_owned()),
        ("ALGO", format!("/{ALGORITHM}")),
    ];
    variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A DID without its method, usable as a name.
fn hex_id(did: &str) -> String {
    let id = did.rsplit(':').next().unwrap_or_default();
    id.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Makes the folders anew and fills them; what is said goes to the log for the owner.
pub(crate) async fn provision(
    job: &Job,
    folder: &Path,
    source: &dyn InputSource,
    space: u64,
    log: &mut String,
) -> Result<(), Failure> {
    let data = |error: InputError| Failure::new(FailureKind::Data, error.0);
    let algorithm = |error: InputError| Failure::new(FailureKind::Algorithm, error.0);
    let volume = |error: io::Error| Failure::new(FailureKind::Volume, format!("the job's folder: {}", error.kind()));
    for part in ["inputs", "ddos", "transformations", "outputs"] {
        match fs::remove_dir_all(folder.join(part)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(volume(error)),
            _ => {}
        }
    }
    for part in ["inputs", "ddos", "transformations", "logs"] {
        fs::create_dir_all(folder.join(part)).await.map_err(volume)?;
    }
    let _ = fs::remove_file(folder.join("logs").join(crate::backend::LOG_NAME)).await;
    let (inputs, spec) = (folder.join("inputs"), &job.spec);
    let node = spec.dialect == Dialect::OceanNode;
    let mut space = Space { bytes: space, names: BTreeSet::from([CUSTOM_DATA.to_owned()]) };

    for (index, input) in spec.datasets.iter().enumerate() {
        let names = if node {
            fetch(source, input, &inputs, Naming::Source, &mut space).await.map_err(data)?
        } else {
            let id = match hex_id(&input.did) {
                id if id.is_empty() => index.to_string(),
                id => id,
            };
            let own = inputs.join(&id);
            // One asset may be used twice, through two services.
            let own =
                if fs::try_exists(&own).await.map_err(volume)? { inputs.join(format!("{id}-{index}")) } else { own };
            fs::create_dir_all(&own).await.map_err(volume)?;
            space.names.clear();
            fetch(source, input, &own, Naming::Numbers, &mut space).await.map_err(data)?
        };
        write_document(input, folder, node).await.map_err(volume)?;
        log.push_str(&format!("{}: {} file(s)\n", input.did, names.len()));
    }

    let transformations = folder.join("transformations");
    let input = &spec.algorithm.input;
    if input.did.is_empty()
        && let Some(code) = &spec.algorithm.raw_code
    {
        fs::write(transformations.join("algorithm"), code).await.map_err(volume)?;
        log.push_str("algorithm: the code of the request\n");
    } else if input.did.is_empty() && input.source.is_null() {
        // The image brings its own program.
        log.push_str("algorithm: none but the image\n");
    } else {
        let mut space = Space { bytes: space.bytes, names: BTreeSet::new() };
        let names =
            fetch(source, input, &transformations, Naming::First("algorithm"), &mut space).await.map_err(algorithm)?;
        if names.is_empty() {
            return Err(Failure::new(FailureKind::Algorithm, "the algorithm has no file"));
        }
        write_document(input, folder, node).await.map_err(volume)?;
        log.push_str(&format!("algorithm {}: {} file(s)\n", input.did, names.len()));
    }
    let custom = spec.algorithm.custom_data.as_ref();
    if node || custom.is_some() {
        let text = custom.map_or_else(|| "{}".to_owned(), serde_json::Value::to_string);
        fs::write(inputs.join(CUSTOM_DATA), text).await.map_err(volume)?;
    }
    let folder = folder.to_owned();
    let opened = tokio::task::spawn_blocking(move || {
        for part in ["inputs", "ddos", "transformations"] {
            open_tree(&folder.join(part))?;
        }
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755))
    });
    opened.await.map_err(|error| Failure::new(FailureKind::Volume, error.to_string()))?.map_err(volume)
}

/// The document as the old stack hands it over; ocean-node's folder stays empty.
async fn write_document(input: &Input, folder: &Path, node: bool) -> io::Result<()> {
    match &input.document {
        Some(document) if !node => fs::write(folder.join("ddos").join(hex_id(&input.did)), document).await,
        _ => Ok(()),
    }
}

/// Readable for the job's account, whatever the server's mask is; the algorithm may be a program.
fn open_tree(path: &Path) -> io::Result<()> {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?;
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            open_tree(&entry?.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(dialect: Dialect, entrypoint: &str, expected: &[&str]) {
        assert_eq!(arguments(dialect, entrypoint), expected, "{entrypoint}");
    }

    #[test]
    fn the_command_names_the_algorithm() {
        const FILE: &str = "/data/transformations/algorithm";
        for dialect in [Dialect::Provider, Dialect::OceanNode] {
            check(dialect, "node $ALGO", &["node", FILE]);
            check(dialect, "python3.11 $ALGO", &["python3.11", FILE]);
            check(dialect, "", &[]);
        }
        check(Dialect::Provider, "cat $ALGO | sh", &["sh", "-c", "cat /data/transformations/algorithm | sh"]);
        check(Dialect::Provider, "$ALGO $ALGO", &[FILE, FILE]);
        check(Dialect::OceanNode, "$ALGO $ALGO", &[FILE, "$ALGO"]);
        check(Dialect::OceanNode, "cat $ALGO | sh", &["cat", FILE, "|", "sh"]);
    }

    #[test]
    fn identifiers_become_names() {
        assert_eq!(hex_id("did:op:0123abc"), "0123abc");
        assert_eq!(hex_id("did:op:../../x"), "x");
        assert_eq!(hex_id(""), "");
    }
}
