"""A machine without a network: every connection and every look-up of a name fails, and is noted."""

from __future__ import annotations

import socket

import pytest


class CutError(OSError):
    """Somebody tried to use the network."""


def cut(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """From now on, until the test ends. The list fills with what was tried."""
    tried: list[object] = []

    def refuse(*arguments: object, **_: object) -> None:
        tried.append(arguments)
        raise CutError("the network is cut off")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return tried
