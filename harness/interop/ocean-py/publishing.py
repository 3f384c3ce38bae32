"""Publishing, editing and finding assets."""

from world import check, same, until

from ocean_lib.data_provider.data_service_provider import DataServiceProvider
from ocean_lib.models.data_nft import DataNFT
from ocean_lib.models.datatoken_base import DatatokenArguments, TokenFeeInfo
from ocean_lib.models.dispenser import DispenserArguments
from ocean_lib.models.fixed_rate_exchange import ExchangeArguments
from ocean_lib.ocean.ocean_assets import OceanAssets
from ocean_lib.ocean.util import to_wei
from ocean_lib.services.service import Service
from ocean_lib.structures.file_objects import UrlFile

NEEDED = {
    "create_auth_token", "decrypt", "delete_auth_token", "download", "encrypt", "fileinfo", "initialize", "nonce",
    "validateContainer",
}
COMPUTE = {
    "computeDelete", "computeEnvironments", "computeResult", "computeStart", "computeStatus", "computeStop",
    "initializeCompute",
}


def discover(world):
    check(DataServiceProvider.is_valid_provider(world.provider), "the Provider is not a valid provider")
    check(not DataServiceProvider.is_valid_provider(world.network["aquariusUrl"]), "Aquarius passes for a Provider")
    endpoints = DataServiceProvider.get_service_endpoints(world.provider)
    # A Provider without Compute-to-Data says so by leaving the whole family out.
    check(set(endpoints) in (NEEDED, NEEDED | COMPUTE), f"the endpoints are {sorted(endpoints)}")
    if set(endpoints) == NEEDED:
        same(DataServiceProvider.get_c2d_environments(world.provider, 8996), [], "the compute environments")
    same(DataServiceProvider.get_provider_address(world.provider, 8996), world.network["providerAccount"]["address"],
         "the Provider's address")
    same(DataServiceProvider.build_endpoint("download", world.provider + "/api/services/download"),
         ("GET", world.provider + "/api/services/download"), "the endpoint for downloads")
    check(DataServiceProvider.check_single_file_info({"type": "url", "url": world.file_url}, world.provider),
          "the file is not reachable")
    check(not DataServiceProvider.check_single_file_info({"type": "url", "url": world.file_url + "/none"}, world.provider),
          "a file that does not exist is reachable")


def free(world):
    nft, datatoken, ddo = world.ocean.assets.create_url_asset(
        "Free Branin grid", world.file_url, {"from": world.alice},
        pricing_schema_args=DispenserArguments(to_wei(1), to_wei(1)),
    )
    complete(world, nft, [datatoken], ddo)
    return ddo


def exchange(world):
    return ExchangeArguments(
        rate=to_wei(3), base_token_addr=world.ocean.OCEAN_address, publish_market_fee=to_wei(0.01), dt_decimals=18,
    )


def fixed_rate(world, template):
    nft, datatoken, ddo = world.ocean.assets.create_url_asset(
        f"Branin grid for sale {template}", world.file_url, {"from": world.alice},
        dt_template_index=template, pricing_schema_args=exchange(world),
    )
    complete(world, nft, [datatoken], ddo)
    same(datatoken.getId(), template, "the template of the datatoken")
    price = ddo.stats["price"]
    same((float(price["value"]), price["tokenAddress"]), (3.0, world.ocean.OCEAN_address), "the price in the document")
    return ddo


def complete(world, nft, datatokens, ddo, owner=None):
    """What the indexer adds, in the form that the library reads."""
    check(ddo is not None, "the asset was not indexed")
    same(ddo.did, nft.calculate_did(), "the DID")
    same(ddo.nft_address, nft.address, "the data NFT's address")
    same(ddo.nft["address"], nft.address, "nft.address")
    same(ddo.nft["owner"], (owner or world.alice).address, "nft.owner")
    same(ddo.nft["state"], 0, "nft.state")
    same((ddo.nft["name"], ddo.nft["symbol"]), (nft.name(), nft.symbol()), "nft.name and nft.symbol")
    same(ddo.nft["tokenURI"], nft.tokenURI(1), "nft.tokenURI")
    found = [(token["address"], token["name"], token["symbol"], token["serviceId"]) for token in ddo.datatokens]
    expected = [(token.address, token.name(), token.symbol()) for token in datatokens]
    same([token[:3] for token in found], expected, "the datatokens")
    same([token[3] for token in found], [service.id for service in ddo.services], "the services of the datatokens")
    receipt = world.web3.eth.get_transaction_receipt(ddo.event["tx"])
    same(ddo.event["block"], receipt["blockNumber"], "event.block")
    same(ddo.event["from"], (owner or world.alice).address, "event.from")
    same(ddo.stats["orders"], 0, "stats.orders")
    same(ddo.is_disabled, False, "is_disabled")


def every_flag(world):
    found = []
    for encrypt, compress in [(False, False), (False, True), (True, False), (True, True)]:
        name = f"Grid {'en' if encrypt else 'un'}crypted {'com' if compress else 'un'}pressed"
        metadata = OceanAssets.default_metadata(name, {"from": world.alice})
        # An optional field of every JSON type, and text that `json.dumps` escapes.
        metadata["tags"] = ["branin", "größe", "数据", "🌊"]
        metadata["additionalInformation"] = {
            "float": 1e-7, "wei": 10**29 + 1, "none": None, "yes": True, "text": "\x7f \u2028 é \\ / \""
        }
        nft, datatokens, ddo = world.ocean.assets.create(
            metadata, {"from": world.alice},
            datatoken_args=[DatatokenArguments(files=[UrlFile(world.file_url)])],
            encrypt_flag=encrypt, compress_flag=compress,
        )
        complete(world, nft, datatokens, ddo)
        same(ddo.metadata, metadata, f"the metadata of {name}")
        alone = world.aquarius.get_ddo_metadata(ddo.did)
        for field in metadata.keys() - {"additionalInformation"}:
            same(alone[field], metadata[field], f"{field} in the answer of assets/metadata for {name}")
        found.append(ddo)
    return found


def several(world):
    """Two datatokens with a service each, and two files in the second."""
    # Without services of its own each datatoken gets one with the id "0", and the second could never be ordered.
    service = lambda name, *urls: [  # noqa: E731
        Service(name, "access", world.provider, None, [UrlFile(url) for url in urls], 3600)
    ]
    publish_fee = TokenFeeInfo(world.carlos.address, world.ocean.OCEAN_address, to_wei(0.5))
    nft, datatokens, ddo = world.ocean.assets.create(
        OceanAssets.default_metadata("Grids", {"from": world.alice}), {"from": world.alice},
        datatoken_args=[
            DatatokenArguments("One", "ONE", services=service("one", world.file_url)),
            DatatokenArguments("Two", "TWO", services=service("two", world.file_url, world.file_url + "?second"),
                               publish_market_order_fees=publish_fee),
        ],
    )
    complete(world, nft, datatokens, ddo)
    return datatokens, ddo


def algorithm(world):
    nft, datatoken, ddo = world.ocean.assets.create_algo_asset("Branin", world.file_url, {"from": world.alice})
    complete(world, nft, [datatoken], ddo)
    same(ddo.metadata["type"], "algorithm", "metadata.type")
    return ddo


def find(world, sold, flags):
    assets = world.ocean.assets
    same(assets.resolve(sold.did).as_dictionary(), sold.as_dictionary(), "the resolved document")
    same(assets.resolve("did:op:" + "0" * 64), None, "an unknown asset")
    check(world.aquarius.ddo_exists(sold.did), "the published asset does not exist")
    check(not world.aquarius.ddo_exists("did:op:" + "0" * 64), "an asset that was never published exists")
    same(world.aquarius.get_ddo_metadata("did:op:" + "0" * 64), {}, "metadata of an unknown asset")

    # As in Elasticsearch every word may match; the best hit comes first.
    same(assets.search(sold.did)[0].did, sold.did, "the best hit of the search for a DID")
    check(sold.did in [ddo.did for ddo in assets.search("sale")], "the search for a word did not find the asset")
    same(assets.search("nothing-like-this"), [], "the search for what is not there")
    for word in ("größe", "数据", "🌊"):
        hits = assets.query({"query": {"terms": {"metadata.tags.keyword": [word]}}, "size": 50})
        same({hit.did for hit in hits}, {ddo.did for ddo in flags}, f"the assets with the tag {word}")
        for hit in hits:
            same(hit.as_dictionary(), assets.resolve(hit.did).as_dictionary(), "the document among the hits")
    best = assets.query({"query": {"query_string": {"query": "Free Branin", "fields": ["metadata.name"]}}})
    same(best[0].metadata["name"], "Free Branin grid", "the best hit")
    for price in ("stats.price.value:>=3", "stats.price.value:[1 TO 5]", "stats.price.value:(>2 AND <=3)"):
        same(len(assets.query({"query": {"query_string": {"query": price}}})), 2, f"the number of assets with {price}")
    by_owner = {"query": {"bool": {"filter": [{"term": {"nft.owner": world.alice.address.lower()}}]}},
                "sort": {"nft.created": "desc"}, "from": 0, "size": 3}
    same(len(assets.query(by_owner)), 3, "the page of the owner's assets")
    by_token = {"query": {"term": {"services.datatokenAddress.keyword": sold.services[0].datatoken}}}
    same([ddo.did for ddo in assets.query(by_token)], [sold.did], "the asset of a datatoken")


def edit(world, ddo):
    before = world.ocean.assets.resolve(ddo.did)
    orders = before.stats["orders"]
    check(orders > 0, "no order was counted")
    before.metadata["description"] = "Updated: ünïcödé"
    before.metadata["name"] = "Branin grid, second edition"
    for encrypt, compress in [(True, True), (True, False), (False, True), (False, False)]:
        before.metadata["additionalInformation"] = {"edition": [encrypt, compress]}
        after = world.ocean.assets.update(before, {"from": world.alice}, encrypt_flag=encrypt, compress_flag=compress)
        same(after.metadata, before.metadata, "the edited metadata")
        check(after.event["tx"] != before.event["tx"], "the old document was served")
        same(after.stats["orders"], orders, "the number of orders after the edit")
        same([service.as_dictionary() for service in after.services],
             [service.as_dictionary() for service in before.services], "the services after the edit")
        same(after.nft["created"], before.nft["created"], "nft.created after the edit")
        before = after
    # Other files: the library encrypts them again for the Provider.
    before.services[0].files = [UrlFile(world.file_url + "?edited")]
    before.services[0].timeout = 7200
    after = world.ocean.assets.update(before, {"from": world.alice})
    same(after.services[0].timeout, 7200, "the edited timeout")
    check(isinstance(after.services[0].files, str), "the files were not encrypted")
    world.consume(after, world.bob)


def transfer(world, ddo):
    nft = DataNFT(world.config, ddo.nft_address)
    nft.safeTransferFrom(world.alice.address, world.carlos.address, 1, {"from": world.alice})
    until("the new owner is in the document",
          lambda: world.ocean.assets.resolve(ddo.did).nft["owner"] == world.carlos.address)
    nft.setTokenURI(1, "https://example.com/nft.json", {"from": world.carlos})
    until("the new token URI is in the document",
          lambda: world.ocean.assets.resolve(ddo.did).nft["tokenURI"] == "https://example.com/nft.json")
    edited = world.ocean.assets.resolve(ddo.did)
    edited.metadata["author"] = "Carlos"
    edited = world.ocean.assets.update(edited, {"from": world.carlos})
    same(edited.metadata["author"], "Carlos", "the author")
