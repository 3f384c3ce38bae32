//! Images by name and digest, and the development map that stands in for them.

use std::{collections::BTreeMap, fmt, path::PathBuf};

use serde::{Deserialize, Serialize};

/// The image of an algorithm's container section.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Its name, with the registry where that is not the default one.
    pub name: String,
    /// Its tag.
    #[serde(default)]
    pub tag: String,
    /// Its digest, `sha256:…`; then the tag does not matter.
    #[serde(default)]
    pub checksum: String,
    /// Text of a Dockerfile it is built from, in the ocean-node dialect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dockerfile: Option<String>,
    /// Further files for the build, by path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub build_files: BTreeMap<String, String>,
}

impl Image {
    /// An image by name and tag.
    pub fn new(name: impl Into<String>, tag: impl Into<String>) -> Self {
        Self { name: name.into(), tag: tag.into(), ..Self::default() }
    }

    /// `name@digest` where there is a digest, else `name:tag`, as both stacks do.
    pub fn reference(&self) -> String {
        if self.checksum.starts_with("sha256:") {
            format!("{}@{}", self.name, self.checksum)
        } else if self.tag.is_empty() {
            format!("{}:latest", self.name)
        } else {
            format!("{}:{}", self.name, self.tag)
        }
    }

    /// `name:tag`, whatever the digest.
    fn tagged(&self) -> String {
        format!("{}:{}", self.name, if self.tag.is_empty() { "latest" } else { &self.tag })
    }
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reference())
    }
}

/// What stands in for an image on the process backend.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HostImage {
    /// The names it stands in for: `name:tag`, where a `*` at the end is anything.
    pub images: Vec<String>,
    /// A directory with a whole system, used as the root; the host's own programs and libraries if not given.
    #[serde(default)]
    pub root: Option<PathBuf>,
    /// Further directories of the host that the sandbox sees, read-only, at the same place: interpreters and their libraries.
    #[serde(default)]
    pub paths: Vec<PathBuf>,
    /// Commands by name, and the programs they stand for.
    #[serde(default)]
    pub commands: BTreeMap<String, PathBuf>,
}

/// Which images run on what of the host: explicit, and for development only, since an image's digest says nothing about the host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ImageMap(pub Vec<HostImage>);

impl ImageMap {
    /// What stands in for `image`, if anything does.
    pub fn find(&self, image: &Image) -> Option<&HostImage> {
        let tagged = image.tagged();
        self.0.iter().find(|host| {
            host.images.iter().any(|pattern| match pattern.strip_suffix('*') {
                Some(start) => tagged.starts_with(start),
                None => *pattern == tagged,
            })
        })
    }
}

/// Where interpreters of the system lie.
const SYSTEM_PROGRAMS: [&str; 2] = ["/usr/bin", "/usr/local/bin"];

/// The interpreters that stand in for images, and the names that they go by.
const INTERPRETERS: [(&str, &[&str]); 2] = [
    ("python3", &["python", "python3", "python3.8", "python3.9", "python3.10", "python3.11"]),
    ("node", &["node", "nodejs"]),
];

impl ImageMap {
    /// The system's own Python and Node for the images that the peers' examples and suites name. For development and tests.
    pub fn development() -> Self {
        let images = [
            "ubuntu:*",
            "debian:*",
            "node:*",
            "python:*",
            "oceanprotocol/algo_dockers:*",
            "oceanprotocol/c2d_examples:*",
        ];
        let mut commands = BTreeMap::new();
        for (program, names) in INTERPRETERS {
            let found =
                SYSTEM_PROGRAMS.iter().map(|place| PathBuf::from(place).join(program)).find(|path| path.exists());
            if let Some(found) = found {
                commands.extend(names.iter().map(|name| ((*name).to_owned(), found.clone())));
            }
        }
        Self(vec![HostImage { images: images.map(str::to_owned).to_vec(), commands, ..HostImage::default() }])
    }
}
