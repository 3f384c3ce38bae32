//! `ocean ddo checksum`

use ocean_ddo::{INDEXER_FIELDS, RawDdo, serialise};
use ocean_primitives::B256;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::each;
use crate::{
    failure::{Outcome, Result},
    input::{Document, Input},
    terminal::Terminal,
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files, `-` for stdin, or URLs.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<Input>,

    /// What to hash; several are separated by commas.
    #[arg(long = "of", value_enum, value_delimiter = ',', default_value = "bytes", value_name = "FORM")]
    forms: Vec<Form>,

    /// Leave out what an indexer added (nft, event, datatokens, stats, purgatory, accessDetails, indexedMetadata): what is left is what was published.
    #[arg(long)]
    published: bool,

    /// Say which form has this hash, among all of them; exit with 1 if none has.
    #[arg(long, value_name = "HASH", conflicts_with = "forms")]
    expect: Option<B256>,
}

/// What is hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
enum Form {
    /// The bytes as they are: `metaDataHash` on chain.
    Bytes,
    /// The ASCII text `0x7b22…` of the bytes: `metaDataHash` as ocean.js writes it for a document that is not encrypted.
    HexText,
    /// What `JSON.stringify` makes of the document: ocean.js before it publishes, ocean-node.
    Javascript,
    /// What `json.dumps` with compact separators makes of it: ocean.py before it publishes.
    Python,
}

impl Form {
    const ALL: [Self; 4] = [Self::Bytes, Self::HexText, Self::Javascript, Self::Python];

    const fn name(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::HexText => "hex-text",
            Self::Javascript => "javascript",
            Self::Python => "python",
        }
    }

    fn checksum(self, raw: &RawDdo) -> B256 {
        // A document that was read is JSON within the limits: writing it in another form cannot fail, and would count as unchanged.
        let of = |text: Result<String, ocean_ddo::Error>| match text {
            Ok(text) => B256::new(Sha256::digest(text).into()),
            Err(_) => raw.checksum(),
        };
        match self {
            Self::Bytes => raw.checksum(),
            Self::HexText => raw.hex_text_checksum(),
            Self::Javascript => of(serialise::js_stringify(raw.as_str())),
            Self::Python => of(serialise::py_compact(raw.as_str())),
        }
    }
}

pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result {
    each(&args.inputs, terminal, Input::read_as_it_is, |document, terminal| one(args, document, terminal))
}

fn one(args: &Args, document: &Document, terminal: &mut Terminal) -> Outcome {
    let name = &document.name;
    let indexed = indexer_fields(&document.raw);
    let raw = if args.published { document.raw.stripped() } else { document.raw.clone() };
    if !indexed.is_empty() && !terminal.is_json() {
        let fields = indexed.join(", ");
        if args.published {
            terminal.note(format_args!("{name}: left out {fields}"));
        } else {
            terminal.note(format_args!(
                "{name}: an indexer added {fields}; for the hash of what was published add --published"
            ));
        }
    }
    let forms: &[Form] = if args.expect.is_some() { &Form::ALL } else { &args.forms };
    let sums: Vec<_> = forms.iter().map(|form| (*form, form.checksum(&raw))).collect();
    let matched = args.expect.map(|hash| sums.iter().find(|(_, sum)| *sum == hash).map(|(form, _)| *form));
    if terminal.is_json() {
        let checksums: Map<String, Value> =
            sums.iter().map(|(form, sum)| (form.name().to_owned(), sum.to_string().into())).collect();
        let mut object = json!({
            "input": name,
            "size": raw.as_bytes().len(),
            "published": args.published,
            "indexerFields": indexed,
            "checksums": checksums,
        });
        if let Some(matched) = matched {
            object["matches"] = matched.map(Form::name).into();
        }
        terminal.json(&object);
    } else if let Some(matched) = matched {
        let paint = terminal.paint;
        match matched {
            Some(form) => {
                terminal.line(format_args!("{name}: {} the hash of the form {}", paint.green("matches"), form.name()))
            }
            None => {
                terminal.line(format_args!("{name}: {} of these", paint.red("none")));
                for (form, sum) in sums {
                    terminal.line(format_args!("  {:<10}  {sum}", form.name()));
                }
            }
        }
    } else if let [(_, sum)] = sums.as_slice() {
        terminal.line(format_args!("{sum}  {name}"));
    } else {
        for (form, sum) in sums {
            terminal.line(format_args!("{:<10}  {sum}  {name}", form.name()));
        }
    }
    Outcome::when(matched != Some(None))
}

/// What an indexer or a market added to the document.
pub(super) fn indexer_fields(raw: &RawDdo) -> Vec<&'static str> {
    let value = raw.value();
    INDEXER_FIELDS.into_iter().filter(|name| value.get(name).is_some()).collect()
}
