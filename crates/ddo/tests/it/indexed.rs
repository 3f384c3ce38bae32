use ocean_ddo::{
    RawDdo,
    indexed::{
        DatatokenFields, EventFields, IndexedFields, NftFields, PriceFields, PriceKind, PurgatoryFields, ServiceStats,
        Shape, enhance, read, remains,
    },
    serialise,
};
use ocean_primitives::{B256, ExchangeId, ServiceId, address};
use serde_json::{Value, json};

use crate::mutants;

fn fields() -> IndexedFields {
    let nft = address!("0xBB1081DbF3227bbB233Db68f7117114baBb43656");
    let datatoken = address!("0xfF4AE9869Cafb5Ff725f962F3Bbc22Fb303A8aD8");
    let owner = address!("0x0DB823218e337a6817e6D7740eb17635DEAdafAF");
    let mut fields = IndexedFields::new(
        NftFields {
            address: nft,
            name: "NFT".into(),
            symbol: "N".into(),
            state: 0,
            token_uri: "data:,\"x\"".into(),
            owner,
            created: "2022-12-30T08:40:43Z".parse().unwrap(),
        },
        EventFields {
            tx: B256::repeat_byte(0xab),
            block: 7,
            from: owner,
            contract: nft,
            datetime: "2023-02-15T16:42:22Z".parse().unwrap(),
        },
    );
    let id = ServiceId::new("0").unwrap();
    fields.datatokens =
        vec![DatatokenFields { address: datatoken, name: "DT".into(), symbol: "D".into(), service_id: id.clone() }];
    let price = |kind, price: &str| PriceFields {
        kind,
        price: price.into(),
        contract: owner,
        token: nft,
        token_symbol: Some("OCEAN".into()),
        exchange_id: (kind == PriceKind::FixedRate).then_some(ExchangeId(B256::repeat_byte(1))),
    };
    let stats = |orders| ServiceStats {
        datatoken,
        name: "DT".into(),
        symbol: "D".into(),
        service_id: id.clone(),
        orders,
        prices: vec![price(PriceKind::FixedRate, "1.5"), price(PriceKind::Dispenser, "0")],
    };
    fields.stats = vec![stats(3), stats(4)];
    fields.purgatory = PurgatoryFields { state: true, reason: Some("why".into()) };
    fields
}

#[test]
fn both_shapes() {
    let text = enhance(&RawDdo::parse("{\"id\":1}").unwrap(), &fields());
    let value: Value = serde_json::from_str(&text).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&value).unwrap(), @r#"
    {
      "id": 1,
      "nft": {
        "address": "0xBB1081DbF3227bbB233Db68f7117114baBb43656",
        "name": "NFT",
        "symbol": "N",
        "state": 0,
        "tokenURI": "data:,\"x\"",
        "owner": "0x0DB823218e337a6817e6D7740eb17635DEAdafAF",
        "created": "2022-12-30T08:40:43"
      },
      "event": {
        "tx": "0xabababababababababababababababababababababababababababababababab",
        "block": 7,
        "from": "0x0DB823218e337a6817e6D7740eb17635DEAdafAF",
        "contract": "0xBB1081DbF3227bbB233Db68f7117114baBb43656",
        "datetime": "2023-02-15T16:42:22"
      },
      "datatokens": [
        {
          "address": "0xfF4AE9869Cafb5Ff725f962F3Bbc22Fb303A8aD8",
          "name": "DT",
          "symbol": "D",
          "serviceId": "0"
        }
      ],
      "stats": {
        "allocated": 0,
        "orders": 7,
        "price": {
          "value": 1.5,
          "tokenAddress": "0xBB1081DbF3227bbB233Db68f7117114baBb43656",
          "tokenSymbol": "OCEAN"
        }
      },
      "purgatory": {
        "state": true,
        "reason": "why"
      },
      "indexedMetadata": {
        "nft": {
          "address": "0xBB1081DbF3227bbB233Db68f7117114baBb43656",
          "name": "NFT",
          "symbol": "N",
          "state": 0,
          "tokenURI": "data:,\"x\"",
          "owner": "0x0DB823218e337a6817e6D7740eb17635DEAdafAF",
          "created": "2022-12-30T08:40:43.000Z"
        },
        "event": {
          "txid": "0xabababababababababababababababababababababababababababababababab",
          "block": 7,
          "from": "0x0DB823218e337a6817e6D7740eb17635DEAdafAF",
          "contract": "0xBB1081DbF3227bbB233Db68f7117114baBb43656",
          "datetime": "2023-02-15T16:42:22.000Z"
        },
        "stats": [
          {
            "datatokenAddress": "0xfF4AE9869Cafb5Ff725f962F3Bbc22Fb303A8aD8",
            "name": "DT",
            "symbol": "D",
            "serviceId": "0",
            "orders": 3,
            "prices": [
              {
                "type": "fixedrate",
                "price": "1.5",
                "contract": "0x0DB823218e337a6817e6D7740eb17635DEAdafAF",
                "token": "0xBB1081DbF3227bbB233Db68f7117114baBb43656",
                "exchangeId": "0x0101010101010101010101010101010101010101010101010101010101010101"
              },
              {
                "type": "dispenser",
                "price": "0",
                "contract": "0x0DB823218e337a6817e6D7740eb17635DEAdafAF",
                "token": "0xBB1081DbF3227bbB233Db68f7117114baBb43656"
              }
            ]
          },
          {
            "datatokenAddress": "0xfF4AE9869Cafb5Ff725f962F3Bbc22Fb303A8aD8",
            "name": "DT",
            "symbol": "D",
            "serviceId": "0",
            "orders": 4,
            "prices": [
              {
                "type": "fixedrate",
                "price": "1.5",
                "contract": "0x0DB823218e337a6817e6D7740eb17635DEAdafAF",
                "token": "0xBB1081DbF3227bbB233Db68f7117114baBb43656",
                "exchangeId": "0x0101010101010101010101010101010101010101010101010101010101010101"
              },
              {
                "type": "dispenser",
                "price": "0",
                "contract": "0x0DB823218e337a6817e6D7740eb17635DEAdafAF",
                "token": "0xBB1081DbF3227bbB233Db68f7117114baBb43656"
              }
            ]
          }
        ],
        "purgatory": {
          "state": true
        }
      }
    }
    "#);
}

#[test]
fn own_bytes_come_first_and_untouched() {
    for mutant in mutants() {
        let document = mutant.document.stripped();
        let enhanced = enhance(&document, &fields());
        let own = document.as_str().trim_end().strip_suffix('}').unwrap().trim_end();
        assert!(enhanced.starts_with(own), "{}", mutant.name);
        let stripped = RawDdo::parse(enhanced).unwrap().stripped();
        assert_eq!(stripped, document, "{}", mutant.name);
        assert_eq!(stripped.checksum(), document.checksum());
    }
}

#[test]
fn a_document_cannot_state_its_own_index() {
    let forged = "{\"id\":1,\"nft\":{\"state\":0,\"owner\":\"me\"},\"\\u0073tats\":{},\"indexedMetadata\":{\"stats\":[]},\"purgatory\":0}";
    let text = enhance(&RawDdo::parse(forged).unwrap(), &fields());
    for name in ["nft", "stats", "purgatory", "indexedMetadata"] {
        let times = text.matches(&format!(",\"{name}\":")).count();
        // All but indexedMetadata stand a second time inside it.
        assert!(times <= 2 && !text.contains("\"me\"") && !text.contains("\\u0073"), "{name}: {text}");
    }
    assert_eq!(
        enhance(&RawDdo::parse("{\"nft\":1}").unwrap(), &fields()),
        enhance(&RawDdo::parse("{}").unwrap(), &fields())
    );
}

#[test]
fn an_asset_without_price_or_orders() {
    let mut fields = fields();
    fields.stats.clear();
    fields.purgatory = PurgatoryFields::default();
    let value: Value = serde_json::from_str(&enhance(&RawDdo::parse("{ }").unwrap(), &fields)).unwrap();
    assert_eq!(value["stats"], json!({"allocated": 0, "orders": 0, "price": {}}));
    assert_eq!(value["indexedMetadata"]["stats"], json!([]));
    assert_eq!(value["purgatory"], json!({"state": false}));
}

#[test]
fn what_remains_of_a_hidden_asset() {
    let text = remains(&fields());
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(serialise::js_stringify(&text).unwrap(), text);
    let keys: Vec<_> = value.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["nft", "event", "datatokens", "stats", "indexedMetadata"]);
}

#[test]
fn both_shapes_are_read_again() {
    let fields = fields();
    let bare = RawDdo::parse("{\"id\":1}").unwrap();
    let served = RawDdo::parse(enhance(&bare, &fields)).unwrap();
    let old = read(&served, Shape::Aquarius).unwrap().unwrap();
    let new = read(&served, Shape::OceanNode).unwrap().unwrap();
    for view in [&old, &new] {
        assert_eq!(
            view.nft.as_ref().map(|nft| (nft.address, nft.owner, nft.state)),
            Some((fields.nft.address, fields.nft.owner, fields.nft.state))
        );
        assert_eq!(
            view.event.as_ref().map(|event| (event.tx, event.block)),
            Some((fields.event.tx, fields.event.block))
        );
        assert_eq!(view.datatokens, fields.datatokens);
        assert_eq!(view.orders, Some(fields.stats.iter().map(|stats| stats.orders).sum()));
        assert_eq!(view.purgatory.state, fields.purgatory.state);
    }
    assert!(old.stats.is_empty() && new.stats.len() == fields.stats.len());
    assert_eq!(read(&bare, Shape::Aquarius).unwrap(), None);
    assert_eq!(read(&bare, Shape::OceanNode).unwrap(), None);
    let broken = served.set("/nft/owner", &json!("nobody")).unwrap();
    assert_eq!(read(&broken, Shape::Aquarius).unwrap_err().to_string(), "`/nft/owner` is not an address");
    assert!(read(&broken, Shape::OceanNode).is_ok());
}
