"""Ordering, reusing and downloading."""

import hashlib
import json

from world import check, refused, same, until

from ocean_lib.data_provider.data_service_provider import DataServiceProvider
from ocean_lib.data_provider.fileinfo_provider import FileInfoProvider
from ocean_lib.exceptions import InsufficientBalance
from ocean_lib.models.datatoken_base import DatatokenArguments, DatatokenBase, TokenFeeInfo
from ocean_lib.ocean.ocean_assets import OceanAssets
from ocean_lib.ocean.util import to_wei
from ocean_lib.services.service import Service
from ocean_lib.structures.file_objects import GraphqlQuery, UrlFile


def orders(world, ddo):
    return world.ocean.assets.resolve(ddo.did).stats["orders"]


def free(world, ddo):
    before = orders(world, ddo)
    world.consume(ddo, world.bob)
    until("the order is counted", lambda: orders(world, ddo) == before + 1)


def fixed_rate(world, ddo):
    # Without money the library says so, with it the Provider accepts what was bought.
    poor = world.mallory
    ocean = world.ocean.OCEAN
    ocean.transfer(world.alice.address, ocean.balanceOf(poor.address), {"from": poor})
    refused(lambda: world.pay(ddo, poor), kind=InsufficientBalance)
    world.buy_money(world.bob, 100)
    before = ocean.balanceOf(world.bob.address)
    fee = TokenFeeInfo(world.carlos.address, world.ocean.OCEAN_address, to_wei(0.01))
    ocean.approve(ddo.services[0].datatoken, to_wei(1), {"from": world.bob})
    world.consume(ddo, world.bob, consume_market_fees=fee)
    paid = before - ocean.balanceOf(world.bob.address)
    check(paid > to_wei(3), f"an order for 3 OCEAN cost {paid}")
    found = world.ocean.get_user_orders(world.bob.address, ddo.services[0].datatoken)
    check(any(order.address == ddo.services[0].datatoken for order in found), "the order is not in the user's history")


def enterprise(world, ddo):
    order = world.consume(ddo, world.bob)
    # One transaction bought and ordered.
    datatoken = DatatokenBase.get_typed(world.config, ddo.services[0].datatoken)
    same(datatoken.balanceOf(world.bob.address), 0, "the balance of datatokens")
    check(world.web3.eth.get_transaction_receipt(order)["to"] == datatoken.address, "the order went elsewhere")


def several(world, parts):
    datatokens, ddo = parts
    for datatoken in datatokens:
        datatoken.mint(world.bob.address, to_wei(3), {"from": world.alice})
    first, second = ddo.services
    # The publish market's fee of the second datatoken is in OCEAN.
    world.buy_money(world.bob, 10)
    world.ocean.OCEAN.approve(second.datatoken, to_wei(0.5), {"from": world.bob})
    one = world.pay(ddo, world.bob, service=first)
    two = world.pay(ddo, world.bob, service=second)
    same(world.download(ddo, world.bob, one, service=first), {"file0": world.file_hash}, "the file of the first service")
    same(world.download(ddo, world.bob, two, service=second),
         {"file0": world.file_hash, "file1": world.file_hash}, "the files of the second service")
    same(world.download(ddo, world.bob, two, service=second, index=1), {"file1": world.file_hash}, "the second file")
    # An order opens the service it was made for and no other.
    refused(lambda: world.download(ddo, world.bob, one, service=second), "downloadEndpoint failed")
    refused(lambda: world.download(ddo, world.bob, two, service=first), "downloadEndpoint failed")
    stats = until("both orders are counted",
                  lambda: (lambda found: found if found["orders"] == 2 else None)(
                      world.ocean.assets.resolve(ddo.did).stats))
    same(stats["orders"], 2, "stats.orders")


def for_another(world, ddo):
    """Bob pays, Carlos consumes."""
    order = world.pay(ddo, world.bob, consumer_address=world.carlos.address)
    same(world.download(ddo, world.carlos, order), {"file0": world.file_hash}, "what the consumer downloaded")
    refused(lambda: world.download(ddo, world.mallory, order), "downloadEndpoint failed")


def reuse(world, ddo):
    service = ddo.services[0]
    datatoken = DatatokenBase.get_typed(world.config, service.datatoken)
    first = world.pay(ddo, world.bob)
    again = datatoken.reuse_order(first, world.fees(ddo, world.bob), {"from": world.bob}).transactionHash.hex()
    same(world.download(ddo, world.bob, again), {"file0": world.file_hash}, "what the reused order opened")
    third = datatoken.reuse_order(first, world.fees(ddo, world.bob), {"from": world.bob}).transactionHash.hex()
    for order in (first, again, third):
        same(world.download(ddo, world.bob, order), {"file0": world.file_hash}, "what an order of the chain opened")
        # The Provider names the order that is still valid, so that nobody pays twice.
        answer = world.get("/api/services/initialize", documentId=ddo.did, serviceId=service.id,
                           consumerAddress=world.bob.address, transferTxId=order)
        same((answer.status_code, answer.json()), (200, {"validOrder": first}), f"initialize with {order}")
    refused(lambda: world.download(ddo, world.carlos, again), "downloadEndpoint failed")


def checksums(world, algorithm):
    info = FileInfoProvider.fileinfo(algorithm.did, algorithm.services[0], with_checksum=True).json()
    same(len(info), 1, "the number of files")
    same((info[0]["valid"], info[0]["index"], info[0]["type"]), (True, 0, "url"), "the file")
    same((info[0]["checksum"], info[0]["checksumType"]), (world.file_hash, "sha256"), "the checksum")
    trusted = algorithm.generate_trusted_algorithms()
    same((trusted["did"], trusted["filesChecksum"]), (algorithm.did, world.file_hash), "the trusted algorithm")
    container = algorithm.metadata["algorithm"]["container"]
    expected = hashlib.sha256((container["entrypoint"] + container["checksum"]).encode()).hexdigest()
    same(trusted["containerSectionChecksum"], expected, "the checksum of the container section")


def hashes(bodies):
    return {f"file{index}": hashlib.sha256(body).hexdigest() for index, body in enumerate(bodies)}


def parameters(world):
    """What the consumer fills in goes to the source: into the query, the body or the variables."""
    host = world.host.url
    fields = [
        {"name": "day", "type": "number", "label": "Day", "required": "true", "default": "1", "description": "Which day"},
        # The library takes a list of options or none, and the schema a text or a list of one.
        {"name": "city", "type": "select", "label": "City", "required": False, "default": "Wien", "description": "Which",
         "options": ["Zürich"]},
    ]
    files = [UrlFile(host + "/echo?fixed=1"), UrlFile(host + "/post", "POST"), GraphqlQuery(host + "/graphql", "{ a }")]
    service = Service("0", "access", world.provider, None, files, 3600, consumer_parameters=fields)
    _, (datatoken,), ddo = world.ocean.assets.create(
        OceanAssets.default_metadata("Parameters", {"from": world.alice}), {"from": world.alice},
        datatoken_args=[DatatokenArguments(services=[service])],
    )
    found = [parameter.as_dictionary() for parameter in ddo.services[0].consumer_parameters]
    same([field["name"] for field in found], ["day", "city"], "the consumer parameters")
    same(found[1]["options"], ["Zürich"], "the options")
    datatoken.mint(world.bob.address, to_wei(1), {"from": world.alice})
    given = {"day": 7, "city": "Zürich"}
    DataServiceProvider.initialize(ddo.did, ddo.services[0], world.bob.address, userdata=given)
    order = world.pay(ddo, world.bob, userdata=given)
    bodies = [
        json.dumps({"city": "Zürich", "day": "7", "fixed": "1"}).encode(),
        b"by POST\n" + json.dumps(given, sort_keys=True).encode(),
        json.dumps({"data": {"query": "{ a }", "variables": given}}, sort_keys=True).encode(),
    ]
    same(world.download(ddo, world.bob, order, userdata=given), hashes(bodies), "the files")


def sources(world):
    host = world.host.url
    query = '{ indexingStatuses { subgraph } }'
    files = [
        UrlFile(host + "/get", "GET", {"X-Api-Key": "open sesame"}),
        UrlFile(host + "/post", "POST"),
        GraphqlQuery(host + "/graphql", query),
    ]
    _, (datatoken,), ddo = world.ocean.assets.create(
        OceanAssets.default_metadata("Sources", {"from": world.alice}), {"from": world.alice},
        datatoken_args=[DatatokenArguments(files=files)],
    )
    datatoken.mint(world.bob.address, to_wei(1), {"from": world.alice})
    order = world.pay(ddo, world.bob)
    info = FileInfoProvider.fileinfo(ddo.did, ddo.services[0]).json()
    same([entry["valid"] for entry in info], [True, True, True], "the files")
    bodies = [b"behind a header\n", b"by POST\n", ('{"data": {"query": "%s"}}' % query).encode()]
    same(world.download(ddo, world.bob, order), hashes(bodies), "the files")
    # Nothing that the Provider says reveals where the files are.
    check(host not in str(info), "the file information reveals the host")
    check(not DataServiceProvider.check_single_file_info({"type": "url", "url": host + "/get"}, world.provider),
          "the file is open without its header")
