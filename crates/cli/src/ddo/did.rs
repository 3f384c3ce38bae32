//! `ocean ddo did`

use ocean_did::{Did, Method, address};
use ocean_primitives::{Address, ChainId};
use serde_json::{Value, json};

use crate::{
    failure::{Failure, Outcome, Result},
    input::Input,
    paint::cut,
    terminal::Terminal,
};

const SHOWN: usize = 300;

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args(["did", "nft", "document"]))]
pub(crate) struct Args {
    /// An identifier to check; with --nft and --chain also whether it is theirs.
    did: Option<String>,

    /// The data NFT's address. Derives the identifier when none is given.
    #[arg(long, value_name = "ADDRESS", requires = "chain")]
    nft: Option<String>,

    /// The chain's id.
    #[arg(long, value_name = "ID", requires = "nft")]
    chain: Option<ChainId>,

    /// Which kind of identifier to derive.
    #[arg(long, value_enum, default_value_t)]
    method: MethodName,

    /// Hash the address as it is written, as ocean.py and the Python Provider do.
    #[arg(long, requires = "nft", conflicts_with = "did")]
    as_given: bool,

    /// Derive from a document's address and chain, and check that it is the document's identifier.
    #[arg(long, value_name = "INPUT", conflicts_with_all = ["did", "nft", "method"])]
    document: Option<Input>,
}

/// Which kind of identifier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum MethodName {
    /// `did:op:`, documents of version 4.
    #[default]
    Op,
    /// `did:ope:`, documents of version 5.
    Ope,
}

impl MethodName {
    const fn method(self) -> Method {
        match self {
            Self::Op => Method::Op,
            Self::Ope => Method::Ope,
        }
    }
}

pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result {
    if let Some(input) = &args.document {
        return of_document(input, terminal);
    }
    let pair = match (&args.nft, args.chain) {
        (Some(nft), Some(chain)) if args.as_given => {
            let did = Did::hash(args.method.method(), nft, &chain.to_string());
            return Ok(derived(&did, nft, chain, terminal));
        }
        (Some(nft), Some(chain)) => Some((read_address(nft)?, chain)),
        _ => None,
    };
    match (&args.did, pair) {
        (Some(text), pair) => Ok(check(text, pair, terminal)),
        (None, Some((nft, chain))) => {
            let did = Did::derive(args.method.method(), nft, chain);
            Ok(derived(&did, &nft.to_checksum(None), chain, terminal))
        }
        (None, None) => Err(Failure::new("there is nothing to derive from").hint("give --nft and --chain, or a DID")),
    }
}

fn derived(did: &Did, nft: &str, chain: ChainId, terminal: &mut Terminal) -> Outcome {
    if terminal.is_json() {
        terminal.json(&json!({ "did": did, "nftAddress": nft, "chainId": chain }));
    } else {
        terminal.line(did);
    }
    Outcome::Good
}

fn check(text: &str, pair: Option<(Address, ChainId)>, terminal: &mut Terminal) -> Outcome {
    let did = Did::parse(text);
    let problem = match &did {
        Err(error) => Some(error.to_string()),
        Ok(did) => did.validate_strict().err().map(|error| error.to_string()),
    };
    let expected = pair.map(|(nft, chain)| {
        let method = did.as_ref().map_or(Method::Op, Did::method);
        (nft, chain, Did::derive(method, nft, chain))
    });
    let belongs = expected.as_ref().map(|(.., expected)| did.as_ref().is_ok_and(|did| did == expected));
    let good = problem.is_none() && belongs != Some(false);
    if terminal.is_json() {
        let mut object = json!({
            "did": text,
            "valid": good,
            "method": did.as_ref().ok().map(|did| method_name(did.method())),
            "accepted": did.is_ok(),
            "problem": problem,
        });
        if let Some((nft, chain, expected)) = &expected {
            object["nftAddress"] = json!(nft.to_checksum(None));
            object["chainId"] = json!(chain);
            object["expected"] = json!(expected);
            object["belongs"] = json!(belongs);
        }
        terminal.json(&object);
        return Outcome::when(good);
    }
    let paint = terminal.paint;
    let shown = cut(text, SHOWN);
    if good {
        terminal.line(format_args!("{shown}: {}", paint.green("valid")));
    } else {
        terminal.line(format_args!("{shown}: {}", paint.red("invalid")));
    }
    if let Some(problem) = problem {
        terminal.line(format_args!("  {problem}"));
        if did.is_ok() {
            terminal.line("  peers accept it all the same: they look at its beginning only");
        }
    }
    if let (Some(false), Some((nft, chain, expected))) = (belongs, &expected) {
        terminal.line(format_args!("  that of {} on chain {chain} is {expected}", nft.to_checksum(None)));
    }
    Outcome::when(good)
}

fn of_document(input: &Input, terminal: &mut Terminal) -> Result {
    let document = input.read(terminal)?;
    let identity = Identity::of(&document.raw.value()).map_err(|failure| failure.of(document.name.as_str()))?;
    let good = identity.stated.as_deref() == Some(identity.derived.as_str());
    if terminal.is_json() {
        terminal.json(&json!({
            "input": document.name,
            "did": identity.derived,
            "nftAddress": identity.nft.to_checksum(None),
            "chainId": identity.chain,
            "stated": identity.stated,
            "valid": good,
        }));
    } else {
        terminal.line(&identity.derived);
        if !good {
            let stated = identity.stated.map_or_else(|| "none".to_owned(), |id| cut(&id, SHOWN));
            terminal.note(format_args!("{}: the document states another id: {stated}", document.name));
        }
    }
    Ok(Outcome::when(good))
}

/// What makes an asset's identifier, and the one its document states.
pub(super) struct Identity {
    pub(super) nft: Address,
    pub(super) chain: ChainId,
    pub(super) derived: Did,
    pub(super) stated: Option<String>,
}

impl Identity {
    pub(super) fn of(document: &Value) -> Result<Self> {
        let method = match document["version"].as_str() {
            Some(version) if version.starts_with('5') => Method::Ope,
            _ => Method::Op,
        };
        let place = if method == Method::Ope { &document["credentialSubject"] } else { document };
        let prefix = if method == Method::Ope { "/credentialSubject" } else { "" };
        let missing = |name: &str, what: &str| {
            Failure::new(format!("{prefix}/{name} must be {what}")).hint("`ocean ddo validate` lists all that is wrong")
        };
        let nft = place["nftAddress"].as_str().ok_or_else(|| missing("nftAddress", "an address"))?;
        let chain = place["chainId"].as_u64().and_then(|id| ChainId::new(id).ok());
        Ok(Self::new(
            method,
            read_address(nft)?,
            chain.ok_or_else(|| missing("chainId", "a whole number above zero"))?,
            document["id"].as_str(),
        ))
    }

    fn new(method: Method, nft: Address, chain: ChainId, stated: Option<&str>) -> Self {
        Self { nft, chain, derived: Did::derive(method, nft, chain), stated: stated.map(str::to_owned) }
    }
}

fn read_address(text: &str) -> Result<Address> {
    address::ethers(text).map_err(|error| {
        let failure = Failure::new(cut(&error.to_string(), SHOWN));
        match address::eth_utils(text) {
            Ok(address) => {
                failure.hint(format!("if the digits are right, it is written {}", address.to_checksum(None)))
            }
            Err(_) => failure.hint("an address is 0x and 40 hexadecimal digits"),
        }
    })
}

const fn method_name(method: Method) -> &'static str {
    match method {
        Method::Ope => "ope",
        _ => "op",
    }
}
