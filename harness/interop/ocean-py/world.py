"""What the steps share: the library itself, the accounts, a host of our own, and how a step is reported."""

import contextlib
import hashlib
import http.server
import io
import json
import logging
import os
import sys
import threading
import time
import urllib.parse
from pathlib import Path

# enforce-typing 1.0.0.post1 cannot judge `typing.Any` from Python 3.11 on; the library then fails in its own decorators.
if sys.version_info >= (3, 11):
    import enforce_typing

    enforce_typing.enforce_types = lambda wrapped: wrapped

from eth_account import Account  # noqa: E402
from ocean_lib.data_provider.data_service_provider import DataServiceProvider  # noqa: E402
from ocean_lib.example_config import get_config_dict  # noqa: E402
from ocean_lib.ocean.ocean import Ocean  # noqa: E402
from ocean_lib.ocean.util import to_wei  # noqa: E402

logging.disable(logging.CRITICAL)


class Failed(Exception):
    """A step did not see what it must see."""


def check(condition, text):
    if not condition:
        raise Failed(text)


def same(found, expected, what):
    check(found == expected, f"{what} is {found!r}, expected {expected!r}")


def refused(job, *words, kind=Exception):
    """Runs what must fail, and checks that the error says why."""
    try:
        result = job()
    except kind as error:
        for word in words:
            check(word in str(error), f"the error does not say `{word}`: {error}")
        return str(error)
    raise Failed(f"was not refused: {result!r}")


def until(what, job, seconds=10):
    """Waits for the indexer: asks until the answer is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = job()
        if result:
            return result
        time.sleep(0.05)
    raise Failed(f"{what}: not within {seconds} s")


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


class Host:
    """A host of the publisher's: it wants a header, a POST, or a GraphQL query."""

    def __init__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self, status, body, kind="application/json"):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def do_GET(self):
                if self.path.startswith("/echo"):
                    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
                    return self.answer(200, json.dumps(query, sort_keys=True).encode())
                if self.headers.get("X-Api-Key") != "open sesame":
                    return self.answer(401, b"{}")
                return self.answer(200, b"behind a header\n", "text/plain")

            do_HEAD = do_GET

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.path.startswith("/post"):
                    given = json.dumps(json.loads(body), sort_keys=True).encode() if body else b""
                    return self.answer(200, b"by POST\n" + given, "text/plain")
                try:
                    asked = json.loads(body)
                    asked["query"]
                except (ValueError, KeyError, TypeError):
                    return self.answer(400, b"{}")
                return self.answer(200, json.dumps({"data": asked}, sort_keys=True).encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


class World:
    """The network as `cargo xtask up --json` printed it, seen through the library."""

    def __init__(self, network, file_url, file_hash, folder):
        self.network = network
        self.file_url = file_url
        self.file_hash = file_hash
        self.folder = folder
        self.host = Host()
        os.environ["ADDRESS_FILE"] = network["addressFile"]
        self.config = get_config_dict(network["rpcUrl"])
        self.config["METADATA_CACHE_URI"] = network["aquariusUrl"]
        self.config["PROVIDER_URL"] = network["providerUrl"]
        self.web3 = self.config["web3_instance"]
        keys = [account["privateKey"] for account in network["accounts"]]
        self.alice, self.bob, self.carlos, self.mallory = (Account.from_key(keys[index]) for index in (1, 2, 3, 4))
        self.provider_key = network["providerAccount"]["privateKey"]
        self.ocean = Ocean(self.config)
        self.aquarius = self.ocean.assets._aquarius
        self.steps = 0

    @property
    def provider(self):
        return self.network["providerUrl"]

    def get(self, path, **params):
        """A request that the library has no call for, through its own HTTP session."""
        return DataServiceProvider.get_http_client().get(self.provider + path, params=params)

    def buy_money(self, wallet, amount):
        """OCEAN from the deployer, who may mint it."""
        deployer = Account.from_key(self.network["accounts"][0]["privateKey"])
        self.ocean.OCEAN.mint(wallet.address, to_wei(amount), {"from": deployer})

    def fees(self, ddo, wallet, service=None):
        """The Provider's fee for an order of this wallet."""
        answer = DataServiceProvider.initialize(ddo.did, service or ddo.services[0], wallet.address)
        return answer.json()["providerFee"]

    def pay(self, ddo, wallet, **options):
        """Orders as the library does it, and returns the transaction's hash as text."""
        order = self.ocean.assets.pay_for_access_service(ddo, {"from": wallet}, **options)
        return (order if isinstance(order, bytes) else order.transactionHash).hex()

    def download(self, ddo, wallet, order, **options):
        """Downloads as the library does it, and returns the hashes of the files by their names."""
        name = f"{wallet.address}-{order}-{self.steps}"
        self.steps += 1
        folder = self.ocean.assets.download_asset(ddo, wallet, str(self.folder / name), order, **options)
        return {path.name: sha256(path) for path in sorted(Path(folder).iterdir())}

    def consume(self, ddo, wallet, **options):
        """Orders and downloads the one file, and compares."""
        order = self.pay(ddo, wallet, **options)
        same(self.download(ddo, wallet, order), {"file0": self.file_hash}, "what was downloaded")
        return order


@contextlib.contextmanager
def quiet():
    """The library prints each message it signs."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield


def step(name, job, *args):
    start = time.monotonic()
    with quiet():
        result = job(*args)
    print(f"ok {name} ({(time.monotonic() - start) * 1000:.0f} ms)", flush=True)
    return result
