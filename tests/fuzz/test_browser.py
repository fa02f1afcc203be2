"""A few hundred cases of the run of tests/fuzz/browser.py, so that it cannot rot."""

import random

from tests.browser.node import Node
from tests.fuzz.browser import bundle, changed, statement
from tests.fuzz.differential import DRIFT_CASES, NEAR_CASES


def test_the_page_agrees() -> None:
    with Node() as node:
        checks = {statement(node, 0, index) for index in range(200)}
        near = {statement(node, 0, index, NEAR_CASES) for index in range(200)}
        drift = {statement(node, 0, index, DRIFT_CASES) for index in range(200)}
        codes = {bundle(node, 0, index) for index in range(300)}
    assert {"shape", "lengths", "draws", "point", "proof length", "linear constraints"} <= checks
    assert {"shape", "draws", "vector", "interval", "point", "proof length", "linear constraints"} <= near
    assert {"factors", "bound", "public model", "point", "proof length", "linear constraints"} <= drift
    assert {"bundle: malformed-bundle", "bundle: unsupported-version", "bundle: verified", "bundle: usage"} <= codes
    assert "bundle: proof-rejected linear constraints" in codes


def test_a_case_is_a_function_of_its_number() -> None:
    assert changed(random.Random("1")) == changed(random.Random("1"))
    assert changed(random.Random("1")) != changed(random.Random("2"))
