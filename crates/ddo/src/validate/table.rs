//! The rules of every version, once. All profiles read this table.
//!
//! Sources: ddo.js 0.3.0 `schemas/<version>.ttl`, and Aquarius 5.1.8, whose 4.x schemas are the same but for the
//! fields marked so. 4.0.0 is Aquarius' `remote_4.0.0.ttl`.

use crate::{Version, validate::names::Names};

/// Which column of the table holds for a document. The order is the order of the versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Column {
    /// Aquarius only.
    V400,
    V410,
    V430,
    V450,
    V470,
    V500,
}

impl Column {
    /// Every column.
    pub(crate) const ALL: [Self; 6] = [Self::V400, Self::V410, Self::V430, Self::V450, Self::V470, Self::V500];

    /// The version.
    pub(crate) const fn version(self) -> Version {
        match self {
            Self::V400 => Version::V4_0_0,
            Self::V410 => Version::V4_1_0,
            Self::V430 => Version::V4_3_0,
            Self::V450 => Version::V4_5_0,
            Self::V470 => Version::V4_7_0,
            Self::V500 => Version::V5_0_0,
        }
    }

    /// Whether ddo.js has a schema.
    pub(crate) const fn in_ddojs(self) -> bool {
        !matches!(self, Self::V400)
    }

    /// Whether Aquarius has a schema.
    pub(crate) const fn in_aquarius(self) -> bool {
        !matches!(self, Self::V470 | Self::V500)
    }

    pub(crate) const fn of(version: &Version) -> Option<Self> {
        match version {
            Version::V4_0_0 => Some(Self::V400),
            Version::V4_1_0 => Some(Self::V410),
            Version::V4_3_0 => Some(Self::V430),
            Version::V4_5_0 => Some(Self::V450),
            Version::V4_7_0 => Some(Self::V470),
            Version::V5_0_0 => Some(Self::V500),
            _ => None,
        }
    }

    pub(crate) const fn root(self) -> &'static Shape {
        match self {
            Self::V500 => &CREDENTIAL,
            _ => &DDO,
        }
    }

    /// The shape that an object asks for when it says in `@type` what it is.
    pub(crate) fn class(self, name: &str) -> Option<&'static Shape> {
        let name = name.strip_prefix(self.vocabulary()).unwrap_or(name);
        match (self, name) {
            (Self::V500, "VerifiableCredential") => Some(&CREDENTIAL),
            (Self::V500, "CredentialSubject") => Some(&CREDENTIAL_SUBJECT),
            (Self::V500, _) => None,
            (_, "DDO") => Some(&DDO),
            (_, "Metadata") => Some(&METADATA),
            (_, "Algorithm") => Some(&ALGORITHM),
            (_, "ConsumerParameter") => Some(&CONSUMER_PARAMETERS),
            (_, "Container") => Some(&CONTAINER),
            (_, "Service") => Some(&SERVICE),
            (_, "Compute") => Some(&COMPUTE),
            (_, "TrustedAlgo") => Some(&TRUSTED_ALGORITHMS),
            (_, "Credentials") => Some(&CREDENTIALS),
            (_, "CredentialsItem") => Some(&CREDENTIALS_ITEM),
            _ => None,
        }
    }

    /// The names of all classes.
    pub(crate) const CLASSES: [&'static str; 12] = [
        "DDO",
        "Metadata",
        "Algorithm",
        "ConsumerParameter",
        "Container",
        "Service",
        "Compute",
        "TrustedAlgo",
        "Credentials",
        "CredentialsItem",
        "VerifiableCredential",
        "CredentialSubject",
    ];

    /// A name that some shape has, by its text.
    pub(crate) fn name(self, name: &str) -> Option<&'static str> {
        let shapes: &[&Shape] = match self {
            Self::V500 => &[&CREDENTIAL, &ADDITIONAL_DDOS, &CREDENTIAL_SUBJECT, &METADATA_V5, &SERVICE_V5, &EVENT_V5],
            _ => &[
                &DDO,
                &METADATA,
                &ALGORITHM,
                &CONTAINER,
                &CONSUMER_PARAMETERS,
                &SERVICE,
                &COMPUTE,
                &TRUSTED_ALGORITHMS,
                &CREDENTIALS,
                &CREDENTIALS_ITEM,
            ],
        };
        shapes.iter().find_map(|shape| Some(shape.fields.get(shape.position(name)?)?.name))
    }

    /// The IRI that all names of a document are under.
    pub(crate) const fn vocabulary(self) -> &'static str {
        match self {
            Self::V500 => "https://www.w3.org/ns/credentials/v2/",
            _ => "http://schema.org/",
        }
    }
}

/// What an object must look like.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) fields: &'static [Field],
    names: Names,
}

impl Shape {
    const fn new(name: &'static str, fields: &'static [Field]) -> Self {
        Self { name, fields, names: Names::of(fields) }
    }

    /// Which of the fields has this name.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        let position = self.names.guess(name);
        self.fields.get(position).is_some_and(|field| field.name == name).then_some(position)
    }
}

/// What the values of one member must look like.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    /// The limits, by the first version they hold from; before the first row the member is not constrained.
    pub(crate) rows: &'static [Row],
    /// Whether Aquarius' schemas have the field too.
    pub(crate) aquarius: bool,
}

impl Field {
    pub(crate) fn row(&self, column: Column) -> Option<&'static Row> {
        self.rows.iter().rev().find(|row| row.since <= column)
    }

    /// Whether the member is written as one value and not as a list. Credentials are one object, and so is additional information,
    /// although their counts admit more; both lists of credentials are lists, although 4.0.0 admits one entry only.
    pub(crate) fn is_single(&self, row: &Row) -> bool {
        match self.name {
            "credentials" | "additionalInformation" => true,
            "allow" | "deny" => false,
            _ => row.max == 1,
        }
    }
}

/// What one value must be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    /// A text that matches.
    Text(Pattern),
    Integer,
    Boolean,
    /// Anything.
    Unchecked,
    /// Anything but an object.
    Literal,
    /// Anything but a literal.
    Node,
    Shape(&'static Shape),
    /// An object, or in ddo.js the text `*`.
    ShapeOrStar(&'static Shape),
}

/// Which texts match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// Everything.
    Any,
    /// `^(.*)$`: one line.
    Line,
    /// `^((.|\n)*)$`: lines that end in a line feed alone.
    Lines,
    /// One line after a prefix.
    Did(&'static str, &'static str),
}

/// Limits from one version on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) since: Column,
    /// How many distinct values at least.
    pub(crate) min: usize,
    /// How many at most.
    pub(crate) max: usize,
    /// How long a text at least, in UTF-16 units (in code points for Aquarius).
    pub(crate) shortest: usize,
    /// How long at most.
    pub(crate) longest: usize,
}

/// No limit.
pub(crate) const NONE: usize = usize::MAX;

const fn counts(since: Column, min: usize, max: usize) -> Row {
    Row { since, min, max, shortest: 0, longest: NONE }
}

const fn lengths(since: Column, min: usize, max: usize, shortest: usize, longest: usize) -> Row {
    Row { since, min, max, shortest, longest }
}

const fn field(name: &'static str, form: Form, rows: &'static [Row]) -> Field {
    Field { name, form, rows, aquarius: true }
}

const fn ddojs_only(name: &'static str, form: Form, rows: &'static [Row]) -> Field {
    Field { name, form, rows, aquarius: false }
}

use Column::{V400, V410, V430, V450, V470};
use Form::{Boolean, Integer, Literal, Node, Shape as Object, ShapeOrStar, Text};
use Pattern::{Any, Did, Line, Lines};

const ONE: &[Row] = &[counts(V400, 1, 1)];
const OPTIONAL: &[Row] = &[counts(V400, 0, 1)];
/// At most one in 4.0.0.
const ONE_THEN_MANY: &[Row] = &[counts(V400, 0, 1), counts(V410, 0, NONE)];
const MANY: &[Row] = &[counts(V400, 0, NONE)];
/// Exactly one text of at most 256, from 4.3.0 on.
const ONE_256: &[Row] = &[counts(V400, 1, 1), lengths(V430, 1, 1, 0, 256)];
const OPTIONAL_256: &[Row] = &[counts(V400, 0, 1), lengths(V430, 0, 1, 0, 256)];
const UP_TO_64_OF_256: &[Row] = &[counts(V400, 0, NONE), lengths(V430, 0, 64, 0, 256)];
const UP_TO_64: &[Row] = &[counts(V400, 0, NONE), counts(V430, 0, 64)];

static DDO: Shape = Shape::new(
    "DDO",
    &[
        field("id", Text(Did("did:op:", r"^did\:op\:(.*)$")), &[counts(V400, 1, 1), lengths(V430, 1, 1, 71, 71)]),
        field("version", Text(Line), &[counts(V400, 1, 1), lengths(V430, 1, 1, 0, 16)]),
        field("chainId", Integer, ONE),
        field("nftAddress", Text(Any), &[counts(V400, 1, 1), lengths(V430, 1, 1, 42, 42)]),
        field("metadata", Object(&METADATA), ONE),
        field("services", Object(&SERVICE), &[counts(V400, 1, NONE), counts(V430, 1, 64), counts(V450, 0, 64)]),
        field("credentials", Object(&CREDENTIALS), UP_TO_64),
    ],
);

static METADATA: Shape = Shape::new(
    "MetadataShape",
    &[
        ddojs_only("created", Text(Any), ONE),
        ddojs_only("updated", Text(Any), ONE),
        field(
            "description",
            Text(Lines),
            &[counts(V400, 1, 1), lengths(V430, 1, 1, 0, 7000), lengths(V450, 1, 1, 10, 7000)],
        ),
        field("copyrightHolder", Text(Any), &[counts(V400, 0, 1), lengths(V430, 0, 1, 0, 512)]),
        field("name", Text(Any), &[counts(V400, 1, 1), lengths(V430, 1, 1, 0, 512), lengths(V450, 1, 1, 4, 512)]),
        field("type", Text(Any), ONE_256),
        field("author", Text(Any), ONE_256),
        field("license", Text(Any), ONE_256),
        field("links", Text(Any), &[counts(V400, 0, NONE), lengths(V430, 0, 64, 0, 512)]),
        field("tags", Text(Any), UP_TO_64_OF_256),
        field("categories", Text(Any), UP_TO_64_OF_256),
        field("contentLanguage", Text(Any), OPTIONAL_256),
        field("algorithm", Object(&ALGORITHM), OPTIONAL),
    ],
);

static ALGORITHM: Shape = Shape::new(
    "AlgorithmShape",
    &[
        field("language", Text(Line), OPTIONAL_256),
        field("version", Text(Line), OPTIONAL_256),
        field("container", Object(&CONTAINER), ONE),
        field("consumerParameters", Object(&CONSUMER_PARAMETERS), &[counts(V410, 0, NONE), counts(V430, 0, 64)]),
    ],
);

static CONTAINER: Shape = Shape::new(
    "ContainerShape",
    &[
        field(
            "entrypoint",
            Text(Line),
            &[counts(V400, 1, 1), lengths(V430, 1, 1, 0, 256), lengths(V450, 1, 1, 3, 256)],
        ),
        field("image", Text(Line), &[counts(V400, 1, 1), lengths(V430, 1, 1, 0, 256), lengths(V450, 1, 1, 1, 256)]),
        field("tag", Text(Line), &[counts(V400, 1, 1), lengths(V430, 1, 1, 0, 256), lengths(V450, 1, 1, 1, 256)]),
        field("checksum", Text(Line), &[counts(V400, 1, 1), lengths(V430, 1, 1, 7, 512)]),
    ],
);

static CONSUMER_PARAMETERS: Shape = Shape::new(
    "ConsumerParametersShape",
    &[
        field("name", Text(Line), ONE_256),
        field("type", Text(Line), ONE_256),
        field("label", Text(Line), ONE_256),
        field("required", Boolean, ONE),
        field("description", Text(Lines), &[counts(V400, 1, 1), lengths(V430, 1, 1, 0, 7000)]),
        field("default", Text(Line), ONE_256),
        field("options", Text(Line), &[counts(V400, 0, NONE), lengths(V430, 0, NONE, 0, 256)]),
    ],
);

static SERVICE: Shape = Shape::new(
    "ServiceShape",
    &[
        field("id", Text(Line), ONE_256),
        field("type", Text(Line), ONE_256),
        field("name", Text(Line), &[counts(V400, 0, 1), lengths(V430, 0, 1, 4, 256)]),
        field("description", Text(Lines), &[counts(V400, 0, 1), lengths(V430, 0, 1, 10, 7000)]),
        field("datatokenAddress", Text(Line), &[counts(V400, 1, 1), lengths(V430, 1, 1, 42, 42)]),
        field("serviceEndpoint", Text(Line), &[counts(V400, 1, 1), lengths(V430, 1, 1, 10, 2048)]),
        field("files", Text(Line), &[counts(V400, 1, 1), lengths(V430, 1, 1, 0, 8192)]),
        field("timeout", Integer, ONE),
        field("compute", Object(&COMPUTE), OPTIONAL),
        field("consumerParameters", Object(&CONSUMER_PARAMETERS), &[counts(V410, 0, NONE)]),
        field("credentials", Object(&CREDENTIALS), &[counts(V470, 0, 64)]),
    ],
);

static COMPUTE: Shape = Shape::new(
    "ComputeShape",
    &[
        field("allowRawAlgorithm", Boolean, ONE),
        field("allowNetworkAccess", Boolean, ONE),
        field(
            "publisherTrustedAlgorithmPublishers",
            Text(Line),
            &[counts(V400, 0, NONE), lengths(V430, 0, NONE, 0, 256)],
        ),
        field("publisherTrustedAlgorithms", ShapeOrStar(&TRUSTED_ALGORITHMS), MANY),
    ],
);

static TRUSTED_ALGORITHMS: Shape = Shape::new(
    "TrustedAlgoShape",
    &[
        field("did", Text(Line), ONE_256),
        field("filesChecksum", Text(Line), &[counts(V400, 1, 1), lengths(V430, 1, 1, 0, 1024)]),
        field("containerSectionChecksum", Text(Line), &[counts(V400, 1, 1), lengths(V430, 1, 1, 0, 1024)]),
        field("serviceId", Text(Line), &[lengths(V470, 0, 1, 0, 1024)]),
    ],
);

static CREDENTIALS: Shape = Shape::new(
    "CredentialsShape",
    &[
        field("allow", Object(&CREDENTIALS_ITEM), ONE_THEN_MANY),
        field("deny", Object(&CREDENTIALS_ITEM), ONE_THEN_MANY),
    ],
);

static CREDENTIALS_ITEM: Shape = Shape::new(
    "CredentialsItemShape",
    &[
        field("type", Text(Line), ONE_256),
        field("values", Text(Line), &[counts(V400, 1, NONE), lengths(V430, 1, NONE, 0, 1024)]),
    ],
);

/// The root of version 5.
static CREDENTIAL: Shape = Shape::new(
    "VerifiableCredential",
    &[
        field("id", Text(Did("did:ope:", r"^did\:ope\:(.*)$")), &[lengths(V400, 1, 1, 72, 72)]),
        field("type", Literal, ONE),
        field("issuer", Text(Any), ONE),
        field("version", Text(Any), ONE),
        field("additionalDdos", Object(&ADDITIONAL_DDOS), &[counts(V400, 0, 64)]),
        field("credentialSubject", Object(&CREDENTIAL_SUBJECT), ONE),
    ],
);

static ADDITIONAL_DDOS: Shape =
    Shape::new("AdditionalDdosShape", &[field("type", Text(Any), ONE), field("data", Text(Any), ONE)]);

static CREDENTIAL_SUBJECT: Shape = Shape::new(
    "CredentialSubjectShape",
    &[
        field("chainId", Integer, ONE),
        field("nftAddress", Text(Any), &[lengths(V400, 1, 1, 42, 42)]),
        field("metadata", Object(&METADATA_V5), ONE),
        field("services", Object(&SERVICE_V5), &[counts(V400, 1, 64)]),
        field("event", Object(&EVENT_V5), OPTIONAL),
        // Points to a shape that the schema file does not define: any objects or literals, at most 64.
        field("credentials", Form::Unchecked, &[counts(V400, 0, 64)]),
    ],
);

static METADATA_V5: Shape = Shape::new(
    "MetadataShape",
    &[
        field("created", Text(Any), ONE),
        field("updated", Text(Any), ONE),
        field("name", Text(Any), ONE),
        field("providedBy", Text(Any), ONE),
        field("tags", Text(Any), &[counts(V400, 0, 64)]),
        field("additionalInformation", Node, MANY),
    ],
);

static SERVICE_V5: Shape = Shape::new(
    "ServiceShape",
    &[
        field("id", Text(Any), ONE),
        field("type", Text(Any), ONE),
        field("datatokenAddress", Text(Any), ONE),
        field("serviceEndpoint", Text(Any), ONE),
        field("timeout", Integer, ONE),
    ],
);

static EVENT_V5: Shape = Shape::new(
    "EventShape",
    &[
        field("txid", Text(Any), OPTIONAL),
        field("from", Text(Any), OPTIONAL),
        field("contract", Text(Any), OPTIONAL),
        field("datetime", Text(Any), OPTIONAL),
        field("block", Integer, OPTIONAL),
    ],
);
