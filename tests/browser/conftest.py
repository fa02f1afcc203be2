"""One process of Node.js for each file of tests."""

from collections.abc import Iterator

import pytest

from tests.browser.node import Node


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with Node() as running:
        yield running
