"""Publishes, orders and downloads through the public API of PyPI `ocean-lib` against a network of `cargo xtask up`.

Usage: python flow.py NETWORK.json FILE_URL SHA256
NETWORK.json is what `cargo xtask up --json` printed; FILE_URL is the file to publish and SHA256 its hash.
One line per step goes to stdout; the exit code is 1 when a step fails.
"""

import faulthandler
import json
import sys
import tempfile
import traceback
from pathlib import Path

from world import World, step  # first: it makes the library importable

import consuming
import foreign
import publishing
import refusing


LIMIT_S = 300


def main(network_file, file_url, file_hash):
    # The library waits for the indexer up to a minute in many places: a server that hangs must not hang the tests.
    faulthandler.dump_traceback_later(LIMIT_S, exit=True)
    network = json.loads(Path(network_file).read_text())
    with tempfile.TemporaryDirectory() as folder:
        world = World(network, file_url, file_hash, Path(folder))
        step("discover", publishing.discover, world)
        free = step("publish free", publishing.free, world)
        sold = step("publish with a fixed price", publishing.fixed_rate, world, 1)
        enterprise = step("publish with a fixed price, template 2", publishing.fixed_rate, world, 2)
        plain = step("publish plain, compressed, encrypted and both", publishing.every_flag, world)
        parts = step("publish several datatokens, services and files", publishing.several, world)
        algorithm = step("publish an algorithm", publishing.algorithm, world)
        step("resolve, search and query", publishing.find, world, sold, plain)

        step("order and download free", consuming.free, world, free)
        step("order and download for a price", consuming.fixed_rate, world, sold)
        step("order and download template 2", consuming.enterprise, world, enterprise)
        step("order and download several services and files", consuming.several, world, parts)
        step("order for somebody else", consuming.for_another, world, free)
        step("order again by reuse", consuming.reuse, world, sold)
        step("file information with checksums", consuming.checksums, world, algorithm)
        step("files behind headers, POST and GraphQL", consuming.sources, world)
        step("consumer parameters", consuming.parameters, world)

        step("nonces", refusing.nonces, world, free)
        step("auth tokens", refusing.tokens, world, free)
        step("refuse what must be refused", refusing.orders, world, sold)
        step("refuse bad documents", refusing.documents, world)
        step("edit and count orders", publishing.edit, world, sold)
        step("deny and allow addresses", refusing.credentials, world, sold)
        step("disable and enable", refusing.state, world, sold)
        step("hand the asset over", publishing.transfer, world, sold)

        step("eciespy opens what the Provider encrypts", foreign.opens, world)
        step("the Provider and Aquarius open what eciespy encrypts", foreign.encrypts, world)
        step("documents as Python writes them", foreign.escapes, world)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Exception as error:
        traceback.print_exc(file=sys.stdout)
        print(f"failed: {error}")
        sys.exit(1)
