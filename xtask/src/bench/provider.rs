//! The Provider: CPU per request beside the recorded figures of the original, and downloads beside nginx's proxy in the same run.

mod http;
mod process;
mod proxy;

use std::{
    net::SocketAddr,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use eyre::{Result, WrapErr as _, eyre};
use ocean_crypto::{Message, sign_message};
use ocean_primitives::Dialect;
use ocean_protocol::{B256, BaseUnits, FileObject, Order, Pricing, PublishAsset, PublishedAsset, U256};
use ocean_provider_client::{DecryptQuery, DecryptSource, InitializeQuery, ProviderClient};
use ocean_testbed::Testbed;
use sha2::{Digest as _, Sha256};

use self::{
    http::{Origin, Running},
    process::Server,
    proxy::Nginx,
};
use crate::shell;

/// How often a download is measured each way; medians count.
const RUNS: usize = 3;
/// The size of the file that is downloaded alone.
const LARGE: u64 = 1 << 30;
/// How many downloads run at once, and how large each is.
const AT_ONCE: usize = 64;
const SMALL: u64 = 64 << 20;
/// What a reader takes before it pauses, so that everything between it and the origin fills up.
const TASTE: u64 = 64 << 10;
/// How often each request is sent.
const REQUESTS: u32 = 1_000;
/// The account that publishes, orders and asks.
const ACCOUNT: usize = 1;

/// The lowest CPU time of the Python Provider 2.1.6 in milliseconds that was recorded, on another machine:
/// the ratio to ours tells the order of magnitude.
const ORIGINAL: [(&str, f64); 5] = [
    ("encrypt 1 KB", 2.8),
    ("encrypt 100 KB", 6.5),
    ("initialize", 46.0),
    ("decrypt 1 KB", 93.0),
    ("decrypt 100 KB", 93.0),
];

pub(crate) fn run() -> Result<()> {
    let program = process::build()?;
    shell::runtime()?.block_on(measure(&program))
}

async fn measure(program: &std::path::Path) -> Result<()> {
    let testbed = Testbed::builder().start().await?;
    let origin = Origin::start()?;
    let provider = Server::start(program, &testbed).await?;
    let ocean = testbed.ocean(ACCOUNT).build().await?;
    let balance = || BaseUnits(U256::from(10).pow(U256::from(19)));
    let pricing = Pricing::Free { max_tokens: balance(), max_balance: balance() };
    let files = [LARGE, SMALL].map(|size| FileObject::url(origin.url(size)));
    let asset = ocean.publish(PublishAsset::new("Measured", files.to_vec(), pricing)).await?;
    requests(&testbed, &provider, &asset).await?;
    let order = ocean.buy(&asset.did, None).await?;
    downloads(&testbed, &provider, &origin, &order).await?;
    testbed.stop().await?;
    Ok(())
}

async fn requests(testbed: &Testbed, provider: &Server, asset: &PublishedAsset) -> Result<()> {
    let (client, key) = (ProviderClient::builder(&provider.url).build()?, testbed.key(ACCOUNT));
    let chain = testbed.deployment().chain_id;
    let query = InitializeQuery::new(asset.did.clone(), "0".parse()?, key.address());
    println!("{:<28} {:>12} {:>12} {:>10}", "provider/request", "ours", "original", "ratio");
    for (name, original) in ORIGINAL {
        let size = if name.ends_with("100 KB") { 100_000 } else { 1_000 };
        let clear = vec![b'd'; size];
        let payload = client.encrypt(clear.clone(), chain, &key).await?;
        let hash = B256::from_slice(&Sha256::digest(&clear));
        let source = DecryptSource::Document { payload, flags: 2, hash };
        let document = DecryptQuery { chain, data_nft: asset.nft, source };
        let ask = async || -> Result<()> {
            match name.split(' ').next() {
                Some("encrypt") => drop(client.encrypt(clear.clone(), chain, &key).await?),
                Some("decrypt") => drop(client.decrypt(&document, &key).await?),
                _ => drop(client.initialize(&query, chain).await?),
            }
            Ok(())
        };
        for _ in 0..20 {
            ask().await?;
        }
        let before = provider.cpu()?;
        for _ in 0..REQUESTS {
            ask().await?;
        }
        let ours = (provider.cpu()? - before).as_secs_f64() * 1e3 / f64::from(REQUESTS);
        let label = format!("provider/{name}");
        println!("{label:<28} {ours:>9.3} ms {original:>9.1} ms {:>10.0}", original / ours);
    }
    println!("CPU of the server's process, means of {REQUESTS}; the original's figures were recorded elsewhere");
    Ok(())
}

async fn downloads(testbed: &Testbed, provider: &Server, origin: &Origin, order: &Order) -> Result<()> {
    let idle = provider.memory()?;
    let (buffered, passing) = (Nginx::start(origin, true).await?, Nginx::start(origin, false).await?);
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..RUNS {
        // Taking turns, so that all of them see the same machine.
        let target = signed(testbed, order, 0)?;
        times[0].push(alone(provider.address, &target, || provider.cpu())?);
        for (nginx, times) in [&buffered, &passing].into_iter().zip(&mut times[1..]) {
            if let Some(nginx) = nginx {
                times.push(alone(nginx.address, &format!("/{LARGE}"), || nginx.cpu())?);
            }
        }
    }
    let gigabyte = |times: &[Duration]| super::median(times.to_vec()).as_secs_f64() * 1e9 / LARGE as f64;
    let ours = gigabyte(&times[0]);
    println!("provider/download            {ours:>7.3} CPU-seconds per GB, median of {RUNS} times 1 GiB");
    match (&buffered, &passing) {
        (Some(nginx), Some(_)) => {
            for (name, times) in [("nginx", &times[1]), ("nginx, proxy_buffering off", &times[2])] {
                let theirs = gigabyte(times);
                println!("{name:<28} {theirs:>7.3} CPU-seconds per GB; ours is {:.2} times that", ours / theirs);
            }
            println!("{} with Debian's configuration and proxy_pass", nginx.version);
        }
        _ => println!("skipped the comparison: there is no nginx; on Debian `apt-get install nginx-light` brings it"),
    }
    let peak = at_once(testbed, provider, order)?;
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    println!(
        "provider/memory              {:>7.1} MiB at most with {AT_ONCE} downloads at once whose readers pause, {:.1} MiB before",
        mib(peak),
        mib(idle)
    );
    Ok(())
}

/// The CPU time of one download.
fn alone(address: SocketAddr, target: &str, cpu: impl Fn() -> Result<Duration>) -> Result<Duration> {
    let before = cpu()?;
    Running::start(address, target)?.finish()?;
    Ok(cpu()? - before)
}

/// The most memory that is used while many downloads run.
fn at_once(testbed: &Testbed, provider: &Server, order: &Order) -> Result<u64> {
    let mut running = Vec::with_capacity(AT_ONCE);
    for _ in 0..AT_ONCE {
        let mut download = Running::start(provider.address, &signed(testbed, order, 1)?)?;
        download.read(TASTE)?;
        running.push(download);
    }
    thread::sleep(Duration::from_secs(1));
    let readers: Vec<_> = running.into_iter().map(|download| thread::spawn(|| download.finish())).collect();
    for reader in readers {
        reader.join().map_err(|_| eyre!("a reader panicked"))??;
    }
    provider.peak()
}

/// The path of a signed download, with a nonce above every one before.
fn signed(testbed: &Testbed, order: &Order, index: u64) -> Result<String> {
    let nonce = SystemTime::now().duration_since(UNIX_EPOCH).wrap_err("the clock is wrong")?.as_micros().to_string();
    let key = testbed.key(ACCOUNT);
    let (did, consumer) = (order.did.as_str(), key.address().to_checksum(None));
    let message = Message::Download { consumer: &consumer, document_id: did, nonce: &nonce };
    let signature = sign_message(&key, Dialect::Provider, &message.text(Dialect::Provider));
    let (service, tx) = (&order.service_id, order.tx);
    Ok(format!(
        "/api/services/download?documentId={did}&serviceId={service}&transferTxId={tx}&fileIndex={index}&consumerAddress={consumer}&nonce={nonce}&signature={signature}"
    ))
}
