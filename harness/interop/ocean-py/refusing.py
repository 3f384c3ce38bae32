"""What the servers must refuse, in the words that the library passes on."""

import hashlib
import json
import time

from world import check, refused, same, until

from ocean_lib.agreements.consumable import AssetNotConsumable
from ocean_lib.assets.ddo import DDO
from ocean_lib.data_provider.data_encryptor import DataEncryptor
from ocean_lib.data_provider.data_service_provider import DataServiceProvider
from ocean_lib.exceptions import DataProviderException
from ocean_lib.models.data_nft import DataNFT, MetadataState
from ocean_lib.ocean.ocean_assets import OceanAssets


def nonce(world, wallet):
    return int(world.get("/api/services/nonce", userAddress=wallet.address).json()["nonce"])


def nonces(world, ddo):
    """The library asks for the nonce and signs with the one above."""
    service = ddo.services[0]
    order = world.pay(ddo, world.carlos)
    before = nonce(world, world.carlos)
    world.download(ddo, world.carlos, order)
    same(nonce(world, world.carlos), before + 1, "the nonce after a download")

    number, signature = DataServiceProvider.sign_message(world.carlos, ddo.did, world.provider)
    same(number, before + 2, "the nonce that the library signs with")
    request = dict(documentId=ddo.did, serviceId=service.id, consumerAddress=world.carlos.address, transferTxId=order,
                   fileIndex=0, nonce=number, signature=signature)
    url = "/api/services/download"
    # What is refused before the signature is accepted does not use the nonce up.
    wrong = world.get(url, **{**request, "consumerAddress": world.mallory.address})
    same(wrong.status_code, 400, "the status for somebody else's signature")
    check("Invalid signature 0x" in wrong.json()["errors"]["signature"], f"the error is {wrong.text}")
    same(nonce(world, world.carlos), before + 1, "the nonce after a refusal")
    same(world.get(url, **request).status_code, 200, "the status of the request")
    replay = world.get(url, **request)
    same(replay.status_code, 400, "the status of the replayed request")
    same(replay.json()["errors"]["signature"],
         f"Invalid signature expected nonce ({number}) > current nonce ({number}).", "the error of the replayed request")
    # Any spelling of an address is the same account.
    for spelling in (world.carlos.address.lower(), world.carlos.address):
        same(world.get("/api/services/nonce", userAddress=spelling).json()["nonce"], str(number), "the nonce")


def tokens(world, ddo):
    """The library lists the endpoints of auth tokens and has no calls for them: its signatures must serve there too."""
    wallet, service = world.carlos, ddo.services[0]
    http = DataServiceProvider.get_http_client()
    order = world.pay(ddo, wallet)

    def signed(name, **fields):
        number, signature = DataServiceProvider.sign_message(wallet, wallet.address, world.provider)
        method, url = DataServiceProvider.build_endpoint(name, world.provider)
        return http.request(method, url, params=dict(address=wallet.address, nonce=number, signature=signature, **fields))

    def fetch(token):
        number = nonce(world, wallet) + 1
        request = dict(documentId=ddo.did, serviceId=service.id, consumerAddress=wallet.address, transferTxId=order,
                       fileIndex=0, nonce=number)
        return http.get(world.provider + "/api/services/download", params=request, headers={"AuthToken": token})

    late = signed("create_auth_token", expiration=1)
    same((late.status_code, late.json()["errors"]["expiration"]), (400, ["Invalid timestamp provided."]), "the answer")
    created = signed("create_auth_token", expiration=int(time.time()) + 3600)
    same(created.status_code, 200, f"the status of createAuthToken ({created.text})")
    token = created.json()["token"]
    opened = fetch(token)
    same((opened.status_code, hashlib.sha256(opened.content).hexdigest()), (200, world.file_hash), "what a token opens")
    same(fetch(token[:-2]).status_code, 400, "the status with a damaged token")
    deleted = signed("delete_auth_token", token=token)
    same((deleted.status_code, deleted.json()), (200, {"success": "Token has been deactivated."}), "the answer of delete")
    same(fetch(token).status_code, 400, "the status with a deleted token")


def orders(world, ddo):
    service = ddo.services[0]
    never = "0x" + "11" * 32
    refused(lambda: world.download(ddo, world.bob, never), "downloadEndpoint failed", kind=DataProviderException)
    own = world.pay(ddo, world.bob)
    refused(lambda: world.download(ddo, world.mallory, own), "downloadEndpoint failed", kind=DataProviderException)
    # The library sends bytes as they are, which no Provider reads as a hash.
    refused(lambda: world.download(ddo, world.bob, bytes.fromhex(own[2:])), kind=DataProviderException)
    other = service.as_dictionary()
    other["id"] = "none"
    unknown = type(service).from_dict(other)
    refused(lambda: DataServiceProvider.initialize(ddo.did, unknown, world.bob.address),
            "initializeEndpoint failed", "Invalid serviceId.", kind=DataProviderException)
    refused(lambda: DataServiceProvider.initialize("did:op:" + "0" * 64, service, world.bob.address),
            "initializeEndpoint failed", "Cannot resolve DID", kind=DataProviderException)
    refused(lambda: DataServiceProvider.initialize("nothing", service, world.bob.address),
            "initializeEndpoint failed", kind=DataProviderException)
    refused(lambda: DataEncryptor.encrypt("text", world.provider, 1), kind=DataProviderException)
    refused(lambda: DataServiceProvider.get_root_uri(world.network["aquariusUrl"]), "Invalid Provider URL")
    check(not DataServiceProvider.check_asset_file_info("did:op:" + "0" * 64, "0", world.provider),
          "an unknown asset has files")


def documents(world):
    good = DDO("did:op:" + "0" * 64, None, 8996, "0x" + "0" * 40,
               OceanAssets.default_metadata("Bad", {"from": world.alice}))
    refused(lambda: world.ocean.assets.validate(good), "DDO has validation errors", kind=ValueError)
    empty = DDO()
    refused(lambda: world.ocean.assets.validate(empty), "DDO has validation errors", kind=ValueError)
    nan = DDO("did:op:" + "0" * 64, None, 8996, "0x" + "0" * 40, {"score": float("nan")})
    refused(lambda: world.ocean.assets.validate(nan), "DDO has validation errors", kind=ValueError)
    refused(lambda: world.ocean.assets.query({"query": {"no_such_query": {}}}), "Unable to search for DDO")


def credentials(world, ddo):
    """The library checks before it asks; the Provider must not rely on it."""
    initialize = lambda wallet: DataServiceProvider.initialize(ddo.did, ddo.services[0], wallet.address)  # noqa: E731
    order = world.pay(ddo, world.bob)
    edited = world.ocean.assets.resolve(ddo.did)
    edited.add_address_to_deny_list(world.bob.address)
    denied = world.ocean.assets.update(edited, {"from": world.alice})
    same(denied.denied_addresses, [world.bob.address.lower()], "the deny list")
    refused(lambda: world.pay(denied, world.bob), kind=AssetNotConsumable)
    refused(lambda: initialize(world.bob), "CREDENTIAL_IN_DENY_LIST", kind=DataProviderException)
    # With the document from before the edit the library lets the request through.
    refused(lambda: world.download(ddo, world.bob, order), "downloadEndpoint failed", "CREDENTIAL_IN_DENY_LIST",
            kind=DataProviderException)
    initialize(world.carlos)
    denied.add_address_to_allow_list(world.carlos.address)
    allowed = world.ocean.assets.update(denied, {"from": world.alice})
    refused(lambda: initialize(world.mallory), "CREDENTIAL_NOT_IN_ALLOW_LIST", kind=DataProviderException)
    refused(lambda: initialize(world.bob), "CREDENTIAL_IN_DENY_LIST", kind=DataProviderException)
    initialize(world.carlos)
    allowed.remove_address_from_allow_list(world.carlos.address)
    allowed.remove_address_from_deny_list(world.bob.address)
    # The library leaves entries without values behind, which are not valid.
    refused(lambda: world.ocean.assets.update(allowed, {"from": world.alice}), "CredentialsShape", kind=ValueError)
    allowed.credentials = {"allow": [], "deny": []}
    opened = world.ocean.assets.update(allowed, {"from": world.alice})
    check(not opened.requires_address_credential, f"the credentials are {json.dumps(opened.credentials)}")
    same(world.download(opened, world.bob, order), {"file0": world.file_hash}, "what the order opens again")


def state(world, ddo):
    nft = DataNFT(world.config, ddo.nft_address)
    current = lambda: world.ocean.assets.resolve(ddo.did)  # noqa: E731
    order = world.pay(ddo, world.bob)
    for number in (MetadataState.TEMPORARILY_DISABLED, MetadataState.DEPRECATED, MetadataState.ACTIVE):
        nft.setMetaDataState(number, {"from": world.alice})
        asset = until(f"state {number} is in the document", lambda: (lambda found: found if found
                      and found.nft["state"] == number else None)(current()))
        if number == MetadataState.ACTIVE:
            same(world.download(asset, world.bob, order), {"file0": world.file_hash}, "what the order opens again")
            continue
        check(asset.is_disabled, "the library takes the asset for enabled")
        if asset.services:  # of a deprecated asset only the name of it is served
            refused(lambda: world.pay(asset, world.bob), kind=AssetNotConsumable)
        refused(lambda: DataServiceProvider.initialize(ddo.did, ddo.services[0], world.bob.address),
                "initializeEndpoint failed", kind=DataProviderException)
        refused(lambda: world.download(ddo, world.bob, order), kind=(DataProviderException, AssetNotConsumable))
