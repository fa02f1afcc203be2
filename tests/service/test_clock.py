"""A clock that is set back while the service runs: the order of the log decides, and nothing stands still."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Self

import httpx
import pytest

from huref.errors import RateLimitedError
from huref.registry import witnessing
from huref.registry.witness import Witness
from huref.serve.rates import Rates
from huref.serve.settings import Settings
from huref.serve.store import Store, entries, fsck, log_of, tokens
from tests.service.conftest import serving
from tests.service.test_faults import commitment, keep, whole
from tests.service.test_witnesses import dated, given
from tests.support import http, logs

DAY = 86_400.0


class Clock:
    """The clock of this process, which tests set."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.behind, right = 0.0, time.time
        clock = self

        class Moment(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> Self:
                return super().now(tz) - timedelta(seconds=clock.behind)

        patch.setattr(time, "time", lambda: right() - self.behind)
        for module in (entries, tokens):
            patch.setattr(module, "datetime", Moment)


@pytest.fixture
def clock() -> Iterator[Clock]:
    with pytest.MonkeyPatch.context() as patch:
        yield Clock(patch)


def test_a_clock_that_is_set_back(tmp_path: Path, clock: Clock) -> None:
    """What is accepted then says the time that the clock said, and still stands behind what came before."""
    witness = Witness(tmp_path / "witness.sqlite", [logs.witness(1)], logs.policy())
    with http.application(witnessing.app(witness)) as address:
        settings = given(tmp_path, address)
        for start in (0, 2):  # running, and started, under a clock that is behind
            with serving(settings) as port:
                place = f"http://127.0.0.1:{port}"
                assert keep(place, start).status_code == 201
                clock.behind = DAY
                assert keep(place, start + 1).status_code == 201
                assert whole(place) == [commitment(number).id for number in range(start + 2)]
        with serving(settings) as port:
            place = f"http://127.0.0.1:{port}"
            shown = [httpx.get(f"{place}/v1/entries/{commitment(number).id}").json() for number in range(4)]
            assert shown[1]["accepted"] < shown[0]["accepted"]
            first, second = (dated(tmp_path, place, number) for number in (0, 1))
            assert first.time is not None
            assert second.time is not None
            assert second.time < first.time - DAY / 2
    witness.close()
    store = Store.of(settings)
    assert store is not None
    assert list(fsck.faults(store, log_of(settings))) == []
    store.close()


def test_tokens_end_by_the_clock(tmp_path: Path, clock: Clock) -> None:
    store = Store.of(Settings(data=tmp_path))
    assert store is not None
    _, text = store.tokens.create("name", ["bundle"], days=1)
    assert store.tokens.find(text) is not None
    clock.behind = -2 * DAY
    assert store.tokens.find(text) is None
    store.close()


def test_nobody_waits_for_the_time_that_was(clock: Clock) -> None:
    """Those who had asked too often are counted anew, and do not wait a day."""
    rates = Rates(Settings(rate="2/minute"))
    for _ in range(2):
        rates.ask("192.0.2.1")
    with pytest.raises(RateLimitedError):
        rates.ask("192.0.2.1")
    clock.behind = DAY
    rates.ask("192.0.2.1")
    rates.ask("192.0.2.1")
    with pytest.raises(RateLimitedError) as why:
        rates.ask("192.0.2.1")
    assert 1 <= why.value.seconds <= 120
