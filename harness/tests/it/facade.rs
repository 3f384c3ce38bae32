//! The facade on paths that the main job does not take: a dispenser of template 2, a base token with six decimals, a document
//! that was published in the clear; and that a quote names everybody who gets something.

use std::collections::BTreeMap;

use alloy::providers::Provider as _;
use ocean_contracts_bindings::{
    Contracts,
    abi::{IErc20, IErc20Template, IFixedRateExchange},
    events::Event,
};
use ocean_crypto::ProviderFee;
use ocean_primitives::{Address, B256, BaseUnits, Bytes, FeeRate, ONE, Rate, TokenAmount, U256};
use ocean_protocol::{
    ConsumeMarket, DocumentForm, Error, FileObject, MarketFee, Ocean, Order, OrderQuote, Part, Pricing, PublishAsset,
    PublishedAsset, Purchase, Template,
};
use ocean_testbed::{FileServer, Testbed};

const PUBLISHER: usize = 1;
const BUYER: usize = 2;
const PUBLISH_MARKET: usize = 5;
const CONSUME_MARKET: usize = 6;
const DATA: &[u8] = b"x,y\n1,2\n";

struct World {
    testbed: Testbed,
    files: FileServer,
}

impl World {
    async fn start() -> Self {
        let testbed = Testbed::builder().start().await.unwrap();
        Self { testbed, files: FileServer::start().await.unwrap() }
    }

    fn address(&self, account: usize) -> Address {
        self.testbed.accounts()[account].address
    }

    fn usdc(&self) -> Address {
        self.testbed.deployment().extra_address("MockUSDC").unwrap()
    }

    async fn client(&self, account: usize) -> Ocean {
        self.testbed.ocean(account).build().await.unwrap()
    }

    /// Through a market that takes 0.5 % of the price and 0.25 USDC for each order.
    async fn buyer_at_a_market(&self) -> Ocean {
        let market = ConsumeMarket::new(self.address(CONSUME_MARKET), FeeRate::from_percent("0.5").unwrap()).unwrap();
        let market = market.order_fee(self.usdc(), usdc("0.25"));
        self.testbed.ocean(BUYER).consume_market(market).build().await.unwrap()
    }

    async fn publish(&self, template: Template, pricing: Pricing, form: DocumentForm) -> (Ocean, PublishedAsset) {
        let publisher = self.client(PUBLISHER).await;
        let url = self.files.serve_bytes("data.csv", DATA.to_vec());
        let mut asset = PublishAsset::new("Grid", vec![FileObject::url(url)], pricing);
        asset.template = template;
        asset.form = form;
        asset.market_fee =
            Some(MarketFee { collector: self.address(PUBLISH_MARKET), token: self.usdc(), amount: usdc("0.1") });
        let published = publisher.publish(asset).await.unwrap();
        (publisher, published)
    }

    /// The account that deployed everything has all there is.
    async fn give_usdc(&self, account: usize, amount: &str) {
        let owner = self.client(0).await;
        owner.contracts().transfer(self.usdc(), self.address(account), usdc(amount)).await.unwrap();
    }

    async fn balances(&self, quote: &OrderQuote) -> BTreeMap<(Address, Address), U256> {
        let contracts = Contracts::new(self.testbed.chain().rpc().clone(), self.testbed.deployment().clone());
        let mut balances = BTreeMap::new();
        for payment in quote.payments.iter().filter(|payment| !payment.to.is_zero()) {
            let balance = contracts.balance_of(payment.token, payment.to).await.unwrap();
            balances.insert((payment.to, payment.token), balance.0);
        }
        balances
    }
}

fn usdc(text: &str) -> BaseUnits {
    TokenAmount::parse(text, 6).unwrap().base_units()
}

/// Orders what was quoted, has the exchange pay out what it keeps, and compares what everybody got with the quote.
async fn order_and_compare(world: &World, buyer: &Ocean, publisher: &Ocean, quote: &OrderQuote) -> Order {
    let before = world.balances(quote).await;
    let money = buyer.contracts().balance_of(world.usdc(), buyer.account()).await.unwrap();
    let order = buyer.order(quote).await.unwrap();
    let left = buyer.contracts().balance_of(world.usdc(), buyer.account()).await.unwrap();
    assert_eq!(money.checked_sub(left).unwrap_or_default(), quote.totals().unwrap()[&world.usdc()]);

    if let Purchase::FixedRate { exchange, contract, .. } = &quote.purchase {
        let (contracts, id) = (publisher.contracts(), exchange.0);
        let kept = contracts.read(*contract, &IFixedRateExchange::getExchangeCall { exchangeId: id }).await.unwrap();
        let collect = IFixedRateExchange::collectBTCall { exchangeId: id, amount: kept.btBalance };
        contracts.transact(*contract, &collect).await.unwrap();
        contracts.transact(*contract, &IFixedRateExchange::collectMarketFeeCall { exchangeId: id }).await.unwrap();
        contracts.transact(*contract, &IFixedRateExchange::collectOceanFeeCall { exchangeId: id }).await.unwrap();
    }
    let after = world.balances(quote).await;
    for (holder, then) in &after {
        let got = then - before[holder];
        let payments = quote.payments.iter().filter(|payment| (payment.to, payment.token) == *holder);
        let quoted = payments.fold(U256::ZERO, |sum, payment| sum + payment.amount.0);
        assert_eq!(got, quoted, "{holder:?} of {:#?}", quote.payments);
    }
    order
}

fn parts(quote: &OrderQuote) -> Vec<(Part, BaseUnits)> {
    quote.payments.iter().map(|payment| (payment.part, payment.amount)).collect()
}

async fn download(buyer: &Ocean, order: &Order) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.csv");
    buyer.download(order, 0, &path).await.unwrap();
    std::fs::read(path).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_usdc_price_has_six_decimals_and_everybody_gets_the_quoted_part() {
    let world = World::start().await;
    let pricing = Pricing::with_market_fee(
        world.usdc(),
        Rate::parse("2.5").unwrap(),
        FeeRate::from_percent("1").unwrap(),
        world.address(PUBLISH_MARKET),
    );
    world.give_usdc(BUYER, "2.8").await;
    let buyer = world.buyer_at_a_market().await;
    for template in [Template::Standard, Template::Enterprise] {
        let (publisher, asset) = world.publish(template, pricing.clone(), DocumentForm::Encrypted).await;
        let quote = buyer.quote(&asset.did, None).await.unwrap();
        // 2.5 USDC, of which 0.2 % for the community, 1 % and 0.5 % for the markets, and two fees of the order.
        let datatoken = match template {
            Template::Standard => vec![
                (Part::DatatokenCommunityFee, BaseUnits(U256::from(30_000_000_000_000_000_u64))),
                (Part::Datatoken, BaseUnits(U256::from(970_000_000_000_000_000_u64))),
            ],
            _ => vec![(Part::Datatoken, BaseUnits(ONE))],
        };
        let money = vec![
            (Part::Price, usdc("2.5")),
            (Part::SwapCommunityFee, usdc("0.005")),
            (Part::SwapMarketFee, usdc("0.025")),
            (Part::SwapConsumeFee, usdc("0.0125")),
            (Part::PublishMarketFee, usdc("0.1")),
            (Part::ConsumeMarketFee, usdc("0.25")),
        ];
        assert_eq!(parts(&quote), [money, datatoken].concat());
        assert_eq!(quote.totals().unwrap()[&world.usdc()], usdc("2.8925"));

        let poor = buyer.order(&quote).await.unwrap_err();
        let Error::InsufficientFunds { needed, available, .. } = poor else { panic!("{poor}") };
        assert_eq!((needed, available), (usdc("2.8925"), usdc("2.8")));
        world.give_usdc(BUYER, "0.0925").await;
        let order = order_and_compare(&world, &buyer, &publisher, &quote).await;
        assert_eq!(download(&buyer, &order).await, DATA);
        world.give_usdc(BUYER, "2.8").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_price_below_one_unit_of_a_six_decimals_token_is_not_published() {
    let world = World::start().await;
    let publisher = world.client(PUBLISHER).await;
    let url = world.files.serve_bytes("data.csv", DATA.to_vec());
    let pricing = Pricing::fixed_rate(world.usdc(), Rate::parse("0.0000005").unwrap());
    let blocks = world.testbed.chain().latest_block().await.unwrap().0;
    let refused = publisher.publish(PublishAsset::new("Grid", vec![FileObject::url(url)], pricing)).await.unwrap_err();
    assert!(matches!(refused, Error::Price(ocean_pricing::Error::ZeroPrice { .. })), "{refused}");
    assert_eq!(world.testbed.chain().latest_block().await.unwrap().0, blocks, "nothing was sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dispenser_of_template_2_gives_and_orders_in_one_transaction() {
    let world = World::start().await;
    world.give_usdc(BUYER, "1").await;
    let (publisher, asset) = world.publish(Template::Enterprise, Pricing::free(), DocumentForm::Encrypted).await;
    let buyer = world.client(BUYER).await;
    let quote = buyer.quote(&asset.did, None).await.unwrap();
    assert_eq!(quote.purchase, Purchase::Dispenser { contract: world.testbed.deployment().dispenser });
    assert_eq!(parts(&quote), [(Part::PublishMarketFee, usdc("0.1")), (Part::Datatoken, BaseUnits(ONE))]);
    let blocks = world.testbed.chain().latest_block().await.unwrap().0;
    let order = order_and_compare(&world, &buyer, &publisher, &quote).await;
    // One for the approval of the fee.
    assert_eq!(order.block, blocks + 2);
    assert_eq!(supply(&publisher, asset.datatoken).await, U256::ZERO, "the datatoken is burnt");
    assert_eq!(download(&buyer, &order).await, DATA);
}

/// Template 2 asks the dispenser itself, and the limit is still for the buyer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_balance_limit_of_a_dispenser_is_quoted_as_the_contract_sees_it() {
    let world = World::start().await;
    world.give_usdc(BUYER, "10").await;
    let half = BaseUnits(ONE >> 1);
    let pricing = Pricing::Free { max_tokens: BaseUnits(ONE), max_balance: half };
    for template in [Template::Standard, Template::Enterprise] {
        let (publisher, asset) = world.publish(template, pricing.clone(), DocumentForm::Encrypted).await;
        let buyer = world.client(BUYER).await;
        // The buyer holds as much as the limit, and too little for an order.
        let mint = IErc20::mintCall { account: buyer.account(), value: half.0 };
        publisher
            .contracts()
            .transact(asset.datatoken, &IErc20Template::addMinterCall { _minter: publisher.account() })
            .await
            .ok();
        publisher.contracts().transact(asset.datatoken, &mint).await.unwrap();
        let quote = buyer.quote(&asset.did, None).await;
        // The contracts themselves, without the facade.
        let (contracts, consumer) = (buyer.contracts(), buyer.account());
        let direct = match template {
            Template::Standard => contracts.dispense(asset.datatoken, BaseUnits(ONE), consumer).await.map(drop),
            _ => {
                let fee = ProviderFee::signed(&world.testbed.provider_key(), world.usdc(), U256::ZERO, 0, Bytes::new());
                contracts.approve_exact(world.usdc(), asset.datatoken, usdc("0.1")).await.unwrap();
                contracts.buy_from_dispenser_and_order(asset.datatoken, consumer, 0, &fee, None).await.map(drop)
            }
        };
        let reason = direct.unwrap_err().revert_reason();
        assert_eq!(reason.as_deref(), Some("Caller balance too high"), "{template:?}");
        let Err(Error::Price(refused)) = quote else { panic!("{template:?}: {quote:?}") };
        assert_eq!(refused.revert_reason(), reason.as_deref());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_document_is_edited_in_the_clear() {
    let world = World::start().await;
    let (publisher, asset) = world.publish(Template::Standard, Pricing::free(), DocumentForm::Plain).await;
    let before = written(&world, asset.nft, asset.metadata_tx).await;
    assert_eq!((before.0, before.1.as_slice()), (0, asset.document.as_bytes()), "published in the clear");

    let edited = publisher
        .edit_metadata(&asset.did, |document| document.set("/metadata/name", &"Finer grid".into()))
        .await
        .unwrap();
    let after = written(&world, asset.nft, edited.tx).await;
    assert_eq!((after.0, after.1.as_slice()), (0, edited.document.as_bytes()), "still in the clear");
    assert_eq!(after.2, edited.checksum);
    let served = publisher.asset(&asset.did).await.unwrap();
    assert_eq!(served.value().pointer("/metadata/name").unwrap(), "Finer grid");
    assert_eq!(served.stripped().as_bytes(), edited.document.as_bytes());

    // Encrypted ones stay encrypted.
    let (publisher, asset) = world.publish(Template::Standard, Pricing::free(), DocumentForm::Encrypted).await;
    let edited =
        publisher.edit_metadata(&asset.did, |document| document.set("/metadata/name", &"Grid 2".into())).await.unwrap();
    let after = written(&world, asset.nft, edited.tx).await;
    assert_eq!(after.0, 2);
    assert!(!after.1.windows(6).any(|bytes| bytes == b"Grid 2"));
}

/// Flags, data and checksum of a metadata transaction.
async fn written(world: &World, nft: Address, tx: B256) -> (u8, Vec<u8>, B256) {
    let receipt = world.testbed.chain().rpc().get_transaction_receipt(tx).await.unwrap().unwrap();
    let logs = receipt.logs().iter().filter(|log| log.address() == nft);
    let mut events = logs.filter_map(|log| Event::decode(log.data()));
    let (flags, data, hash) = events
        .find_map(|event| match event {
            Event::MetadataCreated(event) => Some((event.flags, event.data, event.metaDataHash)),
            Event::MetadataUpdated(event) => Some((event.flags, event.data, event.metaDataHash)),
            _ => None,
        })
        .unwrap();
    (flags.first().copied().unwrap_or_default(), data.to_vec(), hash)
}

async fn supply(client: &Ocean, datatoken: Address) -> U256 {
    client.contracts().read(datatoken, &IErc20::totalSupplyCall {}).await.unwrap()
}
