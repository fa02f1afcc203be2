"""An object store that speaks S3, on this machine: the server of moto, in a thread."""

from __future__ import annotations

import logging
import secrets
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from huref.registry.blobs import Objects


@contextmanager
def store(port: int = 0) -> Iterator[str]:
    """The address of a running store. One that runs after it, in the same process, has what this one had."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    try:
        yield "http://{}:{}".format(*server.get_host_and_port())
    finally:
        server.stop()


def environment(address: str) -> dict[str, str]:
    """The variables that lead to that store."""
    return {
        "AWS_ENDPOINT_URL": address,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
    }


def bucket(address: str) -> str:
    """A new bucket in that store: its name."""
    name = f"bucket-{secrets.token_hex(8)}"
    urllib.request.urlopen(urllib.request.Request(f"{address}/{name}", data=b"", method="PUT")).close()
    return name


def objects(address: str) -> Objects:
    """A new bucket in that store, opened."""
    return opened(address, bucket(address), prefix="a/b")


def opened(address: str, name: str, **options: Any) -> Objects:
    """That bucket; `options` are those of obstore."""
    from obstore.store import S3Store

    found = {key.removeprefix("AWS_").lower(): value for key, value in environment(address).items()}
    return Objects(S3Store(name, config=found, client_options={"allow_http": True}, **options))
