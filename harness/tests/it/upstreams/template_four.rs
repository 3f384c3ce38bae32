//! Files that a datatoken of template 4 keeps on chain: the Provider reads them for who has ordered and signed, and for nobody else.

use std::sync::Arc;

use async_trait::async_trait;
use ocean_contracts_bindings::{Contracts, DatatokenTemplate, NewDatatoken, NewNft, connect_with_key};
use ocean_crypto::ecies;
use ocean_ddo::{AssetType, Ddo, FileObject, FilesObject, Metadata, RawDdo, Service, ServiceType};
use ocean_did::Did;
use ocean_primitives::{Address, BaseUnits, Bytes, ChainId, Dialect, ONE, ServiceId};
use ocean_provider::{ProviderParts, ProviderState, TokenStore};
use ocean_provider_client::{DownloadQuery, InitializeQuery, Initialized, ProviderClient};
use ocean_service::{Chain, Chains, DdoSource, NonceStore, SourceError};
use ocean_storage::{AddressPolicy, Storage};
use ocean_testbed::{FileServer, Testbed};

use crate::provider_attacks::decrypt::serve;

/// One document. It has no `files`, which a strict Aquarius would not take.
#[derive(Debug)]
struct One(RawDdo);

#[async_trait]
impl DdoSource for One {
    async fn ddo(&self, _: &Did) -> Result<Option<RawDdo>, SourceError> {
        Ok(Some(self.0.clone()))
    }
}

fn contracts(testbed: &Testbed, account: usize) -> Contracts {
    let rpc = connect_with_key(testbed.rpc_url(), &testbed.key(account)).unwrap();
    Contracts::new(rpc, testbed.deployment().clone()).with_sender(testbed.accounts()[account].address)
}

async fn provider(testbed: &Testbed, dialect: Dialect, document: &RawDdo) -> ProviderClient {
    let rpc = ocean_contracts_bindings::connect(testbed.rpc_url()).unwrap();
    let chain = Chain::new(ChainId::DEVELOPMENT, rpc, testbed.deployment().clone(), testbed.provider_key());
    let parts = ProviderParts::new(
        dialect,
        Chains::from_iter([chain]),
        NonceStore::in_memory().unwrap(),
        TokenStore::in_memory().unwrap(),
        Storage::builder().policy(AddressPolicy { allow_private: true }).build().unwrap(),
        Arc::new(One(document.clone())),
        testbed.clock(),
    );
    ProviderClient::builder(serve(ProviderState::new(parts)).await).build().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_object_on_chain_is_served_to_who_has_ordered() {
    let testbed = Testbed::builder().start().await.unwrap();
    let files = FileServer::start().await.unwrap();
    let url = files.serve_bytes("data.csv", "on chain");
    let (publisher, buyer, consumer) = (contracts(&testbed, 1), contracts(&testbed, 2), testbed.accounts()[2].address);
    let mut datatoken = NewDatatoken::new("D4", "D4");
    datatoken.template = DatatokenTemplate::Files { files_object: Bytes::new(), allow: None, deny: None };
    let asset = publisher.create_nft_with_datatoken(&NewNft::new("A", "A"), &datatoken).await.unwrap();
    let (nft, token) = (asset.nft, asset.datatoken);

    let metadata = Metadata::new(
        AssetType::Dataset,
        "On chain",
        "Files that are on chain",
        "a",
        "l",
        "2024-01-01T00:00:00Z".parse().unwrap(),
    );
    let id = ServiceId::new("0").unwrap();
    let service = Service::new(id.clone(), ServiceType::Access, String::new(), token, "http://provider.test", 0);
    let document =
        Ddo::builder(nft, ChainId::DEVELOPMENT, metadata).service(service).build().unwrap().to_raw().unwrap();
    let did = Did::op(nft, ChainId::DEVELOPMENT);

    publisher.mint(token, consumer, BaseUnits(ONE)).await.unwrap();
    let client = provider(&testbed, Dialect::Provider, &document).await;
    let initialize = InitializeQuery::new(did.clone(), id.clone(), consumer);
    let Initialized::Fee(answer) = client.initialize(&initialize, ChainId::DEVELOPMENT).await.unwrap() else {
        panic!("there is no order yet");
    };
    let order = buyer.start_order(token, consumer, 0, &answer.fee, None).await.unwrap();
    let query = DownloadQuery::new(did, id, order.tx);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.csv");

    let object = |nft: Address| FilesObject::new(nft, token, vec![FileObject::url(url.clone())]).to_json();
    let encrypted = ecies::encrypt(&testbed.provider_key().public_key(), object(nft).as_bytes());
    let foreign = ecies::encrypt(&testbed.key(3).public_key(), object(nft).as_bytes());
    for (stored, served) in [
        (Vec::new(), false),
        (b"{".to_vec(), false),
        (object(Address::repeat_byte(9)).into_bytes(), false),
        (foreign, false),
        // As ocean-node stores it on a chain that keeps secrets, and as anywhere else.
        (object(nft).into_bytes(), true),
        (encrypted, true),
    ] {
        publisher.set_files_object(token, stored.into()).await.unwrap();
        for dialect in [Dialect::Provider, Dialect::OceanNode] {
            let client = provider(&testbed, dialect, &document).await;
            let result = client.download_to_file(&query, &testbed.key(2), &path).await;
            match result {
                Ok(_) => {
                    assert!(served);
                    assert_eq!(std::fs::read_to_string(&path).unwrap(), "on chain");
                }
                Err(error) => {
                    assert!(!served, "{error:?}");
                    let said = format!("{:?}", error.peer().unwrap());
                    assert!(said.contains("Unable to get dataset files"), "{said}");
                    assert!(!said.contains("http://"), "{said}");
                }
            }
            // Somebody without an order gets nothing, whatever is stored.
            assert!(client.download_to_file(&query, &testbed.key(3), &path).await.is_err());
        }
    }
    assert_eq!(files.requests("data.csv"), 4);
    testbed.stop().await.unwrap();
}
