//! Two Providers and a node that share a place: what one of them has seen, all of them have seen.

use clap::Parser as _;
use futures_util::{StreamExt as _, stream};
use ocean_crypto::{Message, sign_message};
use ocean_node::config::NodeArgs;
use ocean_primitives::Dialect;
use ocean_provider::config::ProviderArgs;
use reqwest::Method;
use tempfile::TempDir;

use super::postgres;
use crate::provider_attacks::world::{Answer, BUYER, Download, SECRET_PATH, World};

/// Two Providers and a node with the settings of their commands.
struct Replicas {
    providers: [String; 2],
    node: String,
    _folder: TempDir,
    _node: ocean_node::Node,
}

impl Replicas {
    async fn start(world: &World, store: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let network = world.testbed.network();
        let key = &network.provider_account.private_key;
        let addresses = network.address_file.display().to_string();
        let common = |name: &str| {
            let data = folder.path().join(name).display().to_string();
            let given = ["--address-file", &addresses, "--data-dir", &data, "--private-key", key, "--store", store];
            let mut arguments = vec![name.to_owned()];
            arguments.extend(given.map(str::to_owned));
            arguments.extend(["--allow-non-public-ip", "true", "--follow-chain-clock", "true"].map(str::to_owned));
            arguments
        };
        let mut providers = Vec::new();
        for name in ["one", "two"] {
            let mut arguments = common(name);
            let urls = ["--network-url", &network.rpc_url, "--aquarius-url", &network.aquarius_url];
            arguments.extend(urls.map(str::to_owned));
            let configured = ProviderArgs::parse_from(arguments).build().await.unwrap();
            let (url, listener) = listen().await;
            let router = ocean_provider::router(configured.state.clone());
            tokio::spawn(async move {
                let _clock = configured.clock;
                ocean_service::run::serve(listener, router, std::future::pending()).await;
            });
            assert!(
                !folder.path().join(name).join("ocean-provider.db").exists(),
                "a store of its own beside the shared"
            );
            providers.push(url);
        }
        let (url, listener) = listen().await;
        let mut arguments = common("node");
        arguments.extend(["--rpcs", &network.rpc_url].map(str::to_owned));
        let node = NodeArgs::parse_from(arguments).start(listener.local_addr().unwrap()).await.unwrap();
        tokio::spawn(ocean_service::run::serve(listener, node.router.clone(), std::future::pending()));
        let document = format!("{url}/api/aquarius/assets/ddo/{}", world.did());
        for _ in 0..1_000 {
            if world.send(Method::GET, &document, &[], "").await.status == 200 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        Self { providers: providers.try_into().unwrap(), node: url, _folder: folder, _node: node }
    }
}

async fn listen() -> (String, tokio::net::TcpListener) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    (format!("http://{}", listener.local_addr().unwrap()), listener)
}

async fn get(world: &World, server: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    world.send(Method::GET, &format!("{server}{path}"), headers, "").await
}

fn token_path(world: &World, route: &str, nonce: u64, rest: &str) -> String {
    let address = world.address(BUYER).to_checksum(None);
    let text = Message::CreateAuthToken { address: &address, nonce: &nonce.to_string() }.text(Dialect::Provider);
    let signature = sign_message(&world.key(BUYER), Dialect::Provider, &text);
    format!("/api/services/{route}?address={address}&nonce={nonce}&signature={signature}&{rest}")
}

async fn replicas_share_what_they_have_seen(store: &str) {
    let world = World::start().await;
    let order = world.order(BUYER, "first").await;
    let replicas = Replicas::start(&world, store).await;
    let [one, two] = &replicas.providers;

    // 1,000 replays of one signed request, to both Providers at once: it acts once.
    let download = world.download(BUYER, order);
    let path = download.path();
    let before = world.files.requests(SECRET_PATH);
    let requests = (0..1_000).map(|index| get(&world, if index % 2 == 0 { one } else { two }, &path, &[]));
    let answers: Vec<_> = stream::iter(requests).buffer_unordered(100).collect().await;
    let served = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(served, 1, "of 1,000 replays");
    let text = format!("Invalid signature expected nonce ({0}) > current nonce ({0}).", download.nonce);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.refused_signature("replay", &text);
    }
    assert_eq!(world.files.requests(SECRET_PATH), before + 1, "a replay reached the source");

    // The node counts the same nonces: an address has one, whatever it talks to.
    let address = world.address(BUYER).to_checksum(None);
    let nonce_path = format!("/api/services/nonce?userAddress={address}");
    for server in [one, two, &replicas.node] {
        let answer = get(&world, server, &nonce_path, &[]).await;
        assert_eq!(answer.json()["nonce"], download.nonce, "{server}");
    }
    let low = Download { dialect: Dialect::OceanNode, nonce: download.nonce.clone(), ..world.download(BUYER, order) };
    get(&world, &replicas.node, &low.path(), &[]).await.refused("node", 401, "is not a valid nonce");

    // A token that one Provider made opens at the other and at the node, until it is revoked anywhere.
    let expiration = world.testbed.clock().now().as_second() + 1_000;
    let create = token_path(&world, "createAuthToken", world.next_nonce(), &format!("expiration={expiration}"));
    let made = get(&world, one, &create, &[]).await;
    let token = made.json()["token"].as_str().unwrap_or_else(|| panic!("{}", made.text())).to_owned();
    let with_token = async |server: &str, header: &str| {
        get(&world, server, &world.download(BUYER, order).unsigned(), &[(header, &token)]).await
    };
    for (server, header) in [(two, "AuthToken"), (&replicas.node, "Authorization")] {
        let answer = with_token(server, header).await;
        assert_eq!((answer.status, answer.text()), (200, world.content.clone()), "{server}");
    }
    let delete = token_path(&world, "deleteAuthToken", world.next_nonce(), &format!("token={token}"));
    let deleted = world.send(Method::DELETE, &format!("{two}{delete}"), &[], "").await;
    assert_eq!(deleted.status, 200, "{}", deleted.text());
    with_token(one, "AuthToken").await.refused("revoked at the other Provider", 400, "Invalid signature provided.");
    with_token(&replicas.node, "Authorization").await.refused("revoked at a Provider", 401, "Invalid");
    world.testbed.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_on_one_folder_share_what_they_have_seen() {
    let folder = tempfile::tempdir().unwrap();
    replicas_share_what_they_have_seen(folder.path().join("shared").to_str().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_on_one_postgresql_share_what_they_have_seen() {
    let Some(postgres) = postgres().await else { return };
    replicas_share_what_they_have_seen(&postgres.url()).await;
}
