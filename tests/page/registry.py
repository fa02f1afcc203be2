"""A service that keeps bundles, with a witness of its log, for tests of the pages that show them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from huref.artefacts import bundle as bundles
from huref.artefacts import commitment as commitments
from huref.artefacts.bundle import Bundle
from huref.artefacts.context import Context
from huref.attest import envelope, keys
from huref.attest.signing import sign
from huref.registry import witnessing
from huref.registry.witness import Witness
from huref.serve.settings import Settings
from tests.service.conftest import serving
from tests.support import http, logs
from tests.support.bundles import CLAIMS, listed, robust
from tests.support.private import stored

KEY = keys.fresh("ed25519")
#: Names that a page could take for something else: markup, a template, right to left, heaps of accents, very long.
NAMES = (
    "<script>alert(1)</script><b id=verdict>Verified</b>",
    "{{ 7 * 7 }} &amp; {% raw %}",
    "\u0645\u0648\u062f\u0644 3B",
    "T" + "\u0335\u0315" * 90 + "ext",
    "W" * 200,
)
OWNER = 'name:<img src=x onerror="alert(1)">'


@dataclass(frozen=True)
class Kept:
    """The address of the service, ending with a slash; what it keeps, the earliest first; the digests of the rest."""

    address: str
    bundles: tuple[Bundle, ...]
    commitment: str
    attestation: str

    def at(self, path: str) -> str:
        return f"{self.address}{path}"


def named(bundle: Bundle, name: str) -> Bundle:
    return replace(bundle, claims=replace(CLAIMS, model_name=name))


@contextmanager
def keeping(folder: Path) -> Iterator[Kept]:
    """Bundles with one vector, each under its own commitment, with such names; the third with another vector, made for
    somebody whose name is markup. Commitment and attestation of the first.
    """
    running = Witness(folder / "witness.sqlite", [logs.witness(1)], logs.policy())
    with http.application(witnessing.app(running)) as witness:
        rules = logs.policy_text([logs.witness(1), logs.witness(2)], "1", addresses=[witness])
        (folder / "policy").write_text(rules)
        key = stored(folder / "key", logs.LOG.dump())
        settings = Settings(data=folder / "data", log_key=key, log_policy=folder / "policy", writing="anyone")
        made = [named(listed(secret=number), name) for number, name in enumerate(("Meridian 7B", "a copy", *NAMES))]
        made.insert(2, named(robust(Context(OWNER)), "made for somebody"))
        with serving(settings) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            for bundle in made:
                sent(client, "bundle", bundles.dump(bundle))
            commitment = sent(client, "commitment", commitments.dump(made[0].statement.commitment))
            text, pem = envelope.dump(sign(made[0], KEY)).decode(), KEY.public.pem.decode()
            attestation = sent(client, "attestation", {"attestation": text, "key": pem})
            yield Kept(f"http://127.0.0.1:{port}/", tuple(made), commitment, attestation)
    running.close()


def sent(client: httpx.Client, kind: str, data: bytes | dict[str, str]) -> str:
    """Sends something; its digest."""
    given = {"json": data} if isinstance(data, dict) else {"content": data}
    headers = {"Content-Type": "application/json"}
    answer = client.post(f"/v1/{kind}s", headers=headers, **given)  # type: ignore[arg-type]
    assert answer.status_code == 201, answer.text
    return str(answer.json()["sha256"])
