"""Work beside other work: its result, its errors, and a machine without room for a thread."""

from __future__ import annotations

import threading

import pytest

from huref.beside import beside


def test_the_result_is_waited_for() -> None:
    begun = threading.Event()

    def job() -> int:
        begun.set()
        return 7

    result = beside(job)
    assert begun.wait(60)  # before anybody asks
    assert result.result(60) == 7


def test_what_the_job_raises_is_raised_where_its_result_is_asked_for() -> None:
    def job() -> int:
        raise MemoryError("no room")

    with pytest.raises(MemoryError, match="no room"):
        beside(job).result(60)


def test_without_a_thread_the_job_is_done_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", fail)
    done: list[int] = []
    result = beside(lambda: done.append(1))
    assert done == [1]
    assert result.done()
