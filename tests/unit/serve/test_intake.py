"""Bodies of requests: what is refused while they arrive, and that nothing is held when they are gone."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from fastapi import Request

from huref.artefacts import kinds
from huref.errors import BundleTooLargeError, BusyError, HurefError, RequestTimeoutError, UnsupportedMediaTypeError
from huref.serve.intake import Intake
from huref.serve.settings import Settings

LIMITS = Settings(body_bytes=10, body_seconds=5, held_bytes=12)
JSON = {"content-type": "application/json"}


def request(chunks: Iterable[bytes], headers: dict[str, str] = JSON, *, complete: bool = True) -> Request:
    """A request whose body arrives in these chunks, and never ends unless it is complete."""
    messages: list[dict[str, Any]] = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    if complete:
        messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> dict[str, Any]:
        if not messages:
            await asyncio.Event().wait()
        return messages.pop(0)

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    made = Request({"type": "http", "method": "POST", "path": "/verify", "headers": raw}, receive)
    made.state.unread = messages
    return made


def refused(given: Request, error: type[HurefError], words: str, limits: Settings = LIMITS) -> None:
    async def run() -> None:
        intake = Intake(limits)
        with pytest.raises(error, match=words):
            async with intake.body(given):
                pytest.fail("the body was let through")
        assert intake.held == 0

    asyncio.run(run())


def test_a_body_counts_until_it_is_let_go() -> None:
    async def run() -> None:
        intake = Intake(LIMITS)
        async with intake.body(request([b"12345", b"67890"])) as body:
            assert (bytes(body), intake.held) == (b"1234567890", 10)
            async with intake.body(request([b"ab"])):
                assert intake.held == 12
        assert intake.held == 0

    asyncio.run(run())


def test_all_bodies_have_one_budget() -> None:
    async def run() -> None:
        intake = Intake(LIMITS)
        async with intake.body(request([b"12345678"])):
            with pytest.raises(BusyError, match="too much arrives"):
                async with intake.body(request([b"abcd", b"e"])):
                    pytest.fail("the body was let through")
            assert intake.held == 8

    asyncio.run(run())


@pytest.mark.parametrize("value", [kinds.BUNDLE.media_type, "application/json; charset=utf-8", " Application/JSON "])
def test_types_that_are_taken(value: str) -> None:
    async def run() -> bytes:
        async with Intake(LIMITS).body(request([b"{}"], {"content-type": value}), kinds.BUNDLE.media_type) as body:
            return bytes(body)

    assert asyncio.run(run()) == b"{}"


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({}, "the content type must be"),
        ({"content-type": "text/plain"}, "the content type must be"),
        ({"content-type": "text/plain; application/json"}, "the content type must be"),
        (JSON | {"content-encoding": "gzip"}, "must not be encoded"),
    ],
)
def test_types_that_are_refused_before_anything_is_read(headers: dict[str, str], words: str) -> None:
    given = request([b"{}"], headers)
    refused(given, UnsupportedMediaTypeError, words)
    assert len(given.state.unread) == 2


@pytest.mark.parametrize("length", ["11", "9" * 30])
def test_a_length_that_is_declared_is_believed_when_it_is_too_large(length: str) -> None:
    refused(request([b"x"], JSON | {"content-length": length}), BundleTooLargeError, "more than 10 bytes")


@pytest.mark.parametrize("length", ["3", "-1", "x", "\u00b2"])
def test_a_length_that_is_declared_is_not_believed_when_it_is_small(length: str) -> None:
    refused(request([b"12345678901"], JSON | {"content-length": length}), BundleTooLargeError, "more than 10 bytes")


def test_a_little_more_of_a_large_body_is_thrown_away() -> None:
    given = request([b"x" * 11] * 4)
    refused(given, BundleTooLargeError, "more than 10 bytes")
    assert len(given.state.unread) == 3
    waits = request([], JSON | {"content-length": "11", "expect": "100-continue"}, complete=False)
    refused(waits, BundleTooLargeError, "more than 10 bytes")


def test_a_body_that_does_not_end() -> None:
    slow = Settings(body_bytes=10, body_seconds=0.01, held_bytes=12)
    refused(request([b"{"], complete=False), RequestTimeoutError, "within 0.01 seconds", slow)
