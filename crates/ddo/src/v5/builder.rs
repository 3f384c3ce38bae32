use std::collections::BTreeSet;

use ocean_did::Did;
use ocean_primitives::{Address, ChainId};
use serde_json::Value;

use crate::{
    Credentials, Error, Result, Version,
    model::lenient::Extra,
    v5::{AdditionalDdo, CredentialSubject, Metadata, Service, VerifiableCredential},
    validate::{Profile, validate},
};

/// Builds a document of version 5 whose identifier is right and that ocean-node accepts.
#[derive(Debug, Clone)]
#[must_use]
pub struct CredentialBuilder {
    credential: VerifiableCredential,
}

impl VerifiableCredential {
    /// Begins a document for a new asset.
    pub fn builder(nft: Address, chain: ChainId, metadata: Metadata) -> CredentialBuilder {
        let did = Did::ope(nft, chain);
        CredentialBuilder {
            credential: Self {
                context: vec!["https://www.w3.org/ns/credentials/v2".to_owned()],
                id: did.clone(),
                version: Version::V5_0_0,
                kind: vec!["VerifiableCredential".to_owned()],
                issuer: String::new(),
                credential_subject: CredentialSubject {
                    id: Some(did),
                    chain_id: chain,
                    nft_address: nft,
                    metadata,
                    services: Vec::new(),
                    credentials: None,
                    event: None,
                    extra: Extra::new(),
                },
                additional_ddos: Vec::new(),
                proof: None,
                extra: Extra::new(),
            },
        }
    }
}

impl CredentialBuilder {
    /// Says who issues the credential, as a DID or URL. It must be said.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.credential.issuer = issuer.into();
        self
    }

    /// Adds a service; there must be one.
    pub fn service(mut self, service: Service) -> Self {
        self.credential.credential_subject.services.push(service);
        self
    }

    /// Sets who may use the asset.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credential.credential_subject.credentials = Some(credentials);
        self
    }

    /// Adds a document of another kind.
    pub fn additional_ddo(mut self, kind: impl Into<String>, data: impl Into<String>) -> Self {
        let added = AdditionalDdo { kind: kind.into(), data: Value::String(data.into()), extra: Extra::new() };
        self.credential.additional_ddos.push(added);
        self
    }

    /// Adds a member of the subject that this crate does not know.
    pub fn extra(mut self, name: impl Into<String>, value: Value) -> Self {
        self.credential.credential_subject.extra.insert(name.into(), value);
        self
    }

    /// The document.
    ///
    /// # Errors
    /// [`Error::DuplicateService`], or [`Error::Invalid`] with every rule of [`Profile::Strict`] that is broken.
    pub fn build(self) -> Result<VerifiableCredential> {
        let credential = self.credential;
        let mut ids = BTreeSet::new();
        let services = &credential.credential_subject.services;
        if let Some(service) = services.iter().find(|service| !ids.insert(service.id.as_str())) {
            return Err(Error::DuplicateService(service.id.to_string()));
        }
        let report = validate(&credential.to_raw()?, Profile::Strict);
        if report.valid {
            Ok(credential)
        } else {
            Err(Error::Invalid { id: credential.id, violations: report.violations })
        }
    }
}
