//! What stands where a document should be: a document, where one is, or one in an envelope.

use ocean_ddo::{
    Error, FileObject, RawDdo,
    form::{Encrypted, Form, Remote, Signed},
};

use super::unusable;
use crate::{
    failure::{Failure, Result},
    paint::cut,
};

/// How much of a stranger's word is shown.
const SHOWN: usize = 120;

/// The document in some bytes, and what to know about the envelope it came in.
pub(super) fn open(bytes: &[u8]) -> Result<(RawDdo, Option<String>)> {
    match (RawDdo::parse(bytes), Form::detect(bytes)) {
        (Ok(_), Ok(Form::Remote(remote))) => Err(elsewhere(&remote)),
        (Ok(_), Ok(Form::Encrypted(envelope))) => unwrap(&envelope),
        (Ok(_), Err(error @ Error::Envelope { .. })) => Err(malformed(&error)),
        (Ok(raw), _) => Ok((raw, None)),
        (Err(_), Ok(Form::Signed(signed))) => payload(&signed),
        (Err(error), _) => Err(unusable(bytes, &error)),
    }
}

fn unwrap(envelope: &Encrypted) -> Result<(RawDdo, Option<String>)> {
    // Whether it is encrypted is not said: what can be read is not.
    match Form::detect(envelope.bytes()) {
        Ok(Form::Signed(signed)) => payload(&signed),
        Ok(Form::Document(raw)) => Ok((raw, Some("reading the document in `encryptedData`, which is not encrypted".to_owned()))),
        _ => Err(Failure::new("the document is encrypted")
            .hint("the Provider of the asset decrypts it for whoever may read it; a document that an indexer serves is decrypted")),
    }
}

fn payload(signed: &Signed) -> Result<(RawDdo, Option<String>)> {
    let raw = signed.document().map_err(|error| malformed(&error))?;
    let issuer = signed.issuer().map_or_else(|| "nobody named".to_owned(), |issuer| cut(&issuer, SHOWN));
    let algorithm = cut(signed.algorithm(), SHOWN);
    Ok((raw, Some(format!("reading the document signed by {issuer} ({algorithm}); the signature is not verified"))))
}

fn elsewhere(remote: &Remote) -> Failure {
    let failure = Failure::new("this says where the document is, and is not the document itself");
    match &remote.file {
        FileObject::Ipfs { hash } => {
            failure.hint(format!("the document is on IPFS: give the URL of {} at a gateway", cut(hash, SHOWN)))
        }
        FileObject::Arweave { transaction_id } => failure
            .hint(format!("the document is on Arweave: give the URL of {} at a gateway", cut(transaction_id, SHOWN))),
        // Whatever else may hold what is secret.
        _ => failure.hint("fetch the document from there, and name that file"),
    }
}

fn malformed(error: &Error) -> Failure {
    Failure::new(cut(&error.to_string(), SHOWN)).hint("ask whoever made it for the document itself")
}
