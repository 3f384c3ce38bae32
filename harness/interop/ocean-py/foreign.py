"""Encryption and documents as Python's own tools make them, without the library's help or the Provider's."""

import hashlib
import json
import lzma

import ecies
from eth_keys import keys
from world import check, same, until

from ocean_lib.assets.ddo import DDO
from ocean_lib.data_provider.data_encryptor import DataEncryptor
from ocean_lib.models.data_nft import Flags
from ocean_lib.models.datatoken_base import DatatokenArguments
from ocean_lib.models.data_nft import DataNFTArguments
from ocean_lib.ocean.crypto import asym_decrypt, asym_encrypt, calc_pubkey
from ocean_lib.ocean.ocean_assets import OceanAssets
from ocean_lib.ocean.util import to_wei
from ocean_lib.services.service import Service


def opens(world):
    for plain in ("x", json.dumps({"files": ["é", "🌊"]}), "long " * 20_000):
        answer = DataEncryptor.encrypt(plain, world.provider, 8996)
        same((answer.status_code, answer.headers["Content-type"]), (201, "text/plain"), "the answer of encrypt")
        check(answer.text.startswith("0x"), "the answer of encrypt is not hex text")
        same(ecies.decrypt(world.provider_key, bytes.fromhex(answer.text[2:])), plain.encode(), "what eciespy opened")
    # The library's own function for its key-value store, on the same payload.
    answer = DataEncryptor.encrypt("ascii", world.provider, 8996)
    same(asym_decrypt(answer.text, world.provider_key), "ascii", "what asym_decrypt opened")


def seal(world, data):
    """ECIES for the Provider's key, by eciespy."""
    public = keys.PrivateKey(bytes.fromhex(world.provider_key[2:])).public_key
    same(str(public), calc_pubkey(world.provider_key), "the Provider's public key")
    return ecies.encrypt(str(public), data)


def blank(world, name, *, transform=lambda text: text):
    """An NFT with a datatoken, and a document whose files eciespy has encrypted."""
    nft = DataNFTArguments(name, "PY").deploy_contract(world.config, {"from": world.alice})
    datatoken = DatatokenArguments(name, "PYDT").create_datatoken(nft, {"from": world.alice})
    files = {"datatokenAddress": datatoken.address, "nftAddress": nft.address,
             "files": [{"type": "url", "url": world.file_url, "method": "GET"}]}
    sealed = "0x" + asym_encrypt(json.dumps(files), calc_pubkey(world.provider_key))
    ddo = DDO(nft.calculate_did(), None, 8996, nft.address, OceanAssets.default_metadata(name, {"from": world.alice}))
    ddo.services = [Service("py", "access", world.provider, datatoken.address, sealed, 3600)]
    ddo.credentials = {"allow": [], "deny": []}
    return nft, datatoken, ddo


def put(world, nft, text, flags, data):
    """Writes a document to the chain without a proof."""
    receipt = nft.setMetaData(0, world.provider, world.alice.address.encode(), flags.to_byte(), data,
                              hashlib.sha256(text).hexdigest(), [], {"from": world.alice})
    did = nft.calculate_did()

    def indexed():
        found = world.ocean.assets.resolve(did)
        return found if found and found.event["tx"] == receipt.transactionHash.hex() else None

    return until(f"{did} with flags {flags!r} is served", indexed)


def encrypts(world):
    nft, datatoken, ddo = blank(world, "Sealed by eciespy")
    datatoken.mint(world.bob.address, to_wei(4), {"from": world.alice})
    both = Flags.COMPRESSED | Flags.ENCRYPTED
    found = None
    for name, flags, pack in [
        ("eciespy", Flags.ENCRYPTED, lambda text: seal(world, text)),
        ("xz and eciespy", both, lambda text: seal(world, lzma.compress(text))),
        ("legacy lzma and eciespy", both, lambda text: seal(world, lzma.compress(text, format=lzma.FORMAT_ALONE))),
        ("legacy lzma", Flags.COMPRESSED, lambda text: lzma.compress(text, format=lzma.FORMAT_ALONE)),
        ("xz of highest effort", Flags.COMPRESSED, lambda text: lzma.compress(text, preset=9 | lzma.PRESET_EXTREME)),
        ("xz without check", Flags.COMPRESSED, lambda text: lzma.compress(text, check=lzma.CHECK_NONE)),
        ("plain", Flags.PLAIN, lambda text: text),
    ]:
        ddo.metadata["name"] = f"By {name}"
        text = json.dumps(ddo.as_dictionary()).encode()
        found = put(world, nft, text, flags, pack(text))
        same(found.metadata["name"], ddo.metadata["name"], "the name")
    same(world.consume(found, world.bob)[:2], "0x", "the order")


def escapes(world):
    """The bytes are hashed, not what they mean: every spelling must arrive as it was written."""
    nft, _, ddo = blank(world, "Escapes")
    ddo.metadata["name"] = "Größe 数据 🌊 \u2028 \x7f"
    ddo.metadata["tags"] = ["naïve", "\U0001f40b"]
    document = ddo.as_dictionary()
    for spelling in (
        json.dumps(document, separators=(",", ":")),
        json.dumps(document),
        json.dumps(document, ensure_ascii=False),
        json.dumps(document, indent=4),
        json.dumps(document, sort_keys=True),
        json.dumps(document).replace("/", "\\/"),
    ):
        text = spelling.encode()
        found = put(world, nft, text, Flags.PLAIN, text)
        same(found.metadata, ddo.metadata, "the metadata")
        for encrypted in (Flags.ENCRYPTED, Flags.COMPRESSED | Flags.ENCRYPTED):
            packed = lzma.compress(text) if Flags.COMPRESSED in encrypted else text
            answer = DataEncryptor.encrypt(packed, world.provider, 8996)
            found = put(world, nft, text, encrypted, answer.text)
            same(found.metadata, ddo.metadata, "the metadata")
    hits = world.ocean.assets.query({"query": {"match": {"metadata.name": "数据"}}})
    check(found.did in [hit.did for hit in hits], "the search for 数据 did not find the asset")
    # Half a surrogate pair is JSON's grammar though no text: what passes the validator must be served and found too.
    ddo.metadata["description"] = "half \ud83c a pair"
    world.ocean.assets.validate(ddo)
    text = json.dumps(ddo.as_dictionary()).encode()
    same(put(world, nft, text, Flags.PLAIN, text).metadata, ddo.metadata, "the metadata")
    same(world.aquarius.get_ddo_metadata(ddo.did)["name"], ddo.metadata["name"], "the answer of assets/metadata")
    check(world.ocean.assets.search("half"), "the search did not find half a pair")
