"""The OpenAPI file is kept: schemathesis asks for everything in it, rightly and wrongly, and finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from huref.serve.settings import Settings
from tests.service.conftest import serving
from tests.service.test_answers import OPENAPI

#: A bundle that fits the schema need not verify.
_NOT_OURS = {"positive_data_acceptance"}
_OPERATIONS = [(path, method) for path, operations in OPENAPI["paths"].items() for method in operations]
_EXAMPLES = 6
_EVERY = [check for check in CHECKS.get_all() if check.__name__ not in _NOT_OURS]


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The contract of a running service that keeps something."""
    data, nothing = (tmp_path_factory.mktemp(name) for name in ("data", "models"))
    given = Settings(data=data, writing="anyone", write_rate="1000000/minute", models=nothing)
    with serving(given) as port:
        address = f"http://127.0.0.1:{port}"
        found = schemathesis.openapi.from_url(f"{address}/openapi.json")
        yield found


@pytest.mark.parametrize(("path", "method"), _OPERATIONS)
def test_what_is_asked_rightly(contract: Any, path: str, method: str) -> None:
    ask(contract, path, method, GenerationMode.POSITIVE)


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/v1/commitments", "post"),
        ("/v1/attestations", "post"),
        ("/v1/entries", "get"),
        ("/v1/search", "get"),
        ("/v1/proofs", "post"),
    ],
)
def test_what_is_asked_wrongly(contract: Any, path: str, method: str) -> None:
    """Elsewhere nothing can be against the schema, as of a path with any text in it; or schemathesis cannot make it, as
    of bundles, which have tests of their own.
    """
    ask(contract, path, method, GenerationMode.NEGATIVE)


def ask(contract: Any, path: str, method: str, mode: GenerationMode) -> None:
    @settings(max_examples=_EXAMPLES, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(contract[path][method].as_strategy(generation_mode=mode))
    def asked(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=_EVERY)

    asked()
