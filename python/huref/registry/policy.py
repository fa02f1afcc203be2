"""Policies (c2sp.org/tlog-policy): which logs and witnesses a verifier knows, and which of them suffice."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from .. import disk
from ..errors import InputError, shown
from . import keys
from .keys import Key

MAX_BYTES = 1 << 20
_COUNT = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True)
class Party:
    """A log or a witness: its key, and its address or ""."""

    key: Key
    address: str = ""


@dataclass(frozen=True)
class Group:
    """Witnesses and groups by name, of which `least` must have cosigned."""

    least: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """`witnesses` and `groups` by their names in the file, in its order; `quorum`: one of these names, or None."""

    logs: tuple[Party, ...]
    witnesses: dict[str, Party]
    groups: dict[str, Group]
    quorum: str | None

    def of(self, origin: str) -> tuple[Key, ...]:
        """The keys of the log with that origin: one of them must have signed."""
        return tuple(log.key for log in self.logs if log.key.name == origin)

    @property
    def counted(self) -> tuple[str, ...]:
        """The witnesses that the quorum counts, by their names in the file."""
        wanted = {self.quorum}
        for name, group in reversed(self.groups.items()):
            if name in wanted:
                wanted.update(group.members)
        return tuple(name for name in self.witnesses if name in wanted)

    def is_met(self, cosigned: Collection[str]) -> bool:
        """Whether cosignatures of these witnesses, by their names in the file, suffice."""
        met = set(cosigned)
        for name, group in self.groups.items():
            if sum(member in met for member in group.members) >= group.least:
                met.add(name)
        return self.quorum is None or self.quorum in met


def parse(data: bytes, where: str = "policy") -> Policy:
    """The policy in these bytes. InputError: there is none; the message names the line."""
    if re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", data):
        raise InputError(f"{where}: a policy has no control characters but tabs and newlines")
    if data and not data.endswith(b"\n"):
        raise InputError(f"{where}: the last line has no newline behind it")
    reading = _Reading(where)
    for line in data.decode("utf-8", "surrogateescape").split("\n"):
        reading.take(re.findall(r"[^ \t]+", line))
    return reading.policy()


def dump(policy: Policy) -> str:
    """A policy as the text of a file."""
    lines = [f"log {log.key.text} {log.address}".rstrip() for log in policy.logs]
    lines += [f"witness {name} {one.key.text} {one.address}".rstrip() for name, one in policy.witnesses.items()]
    lines += [f"group {name} {one.least} {' '.join(one.members)}" for name, one in policy.groups.items()]
    return "\n".join([*lines, f"quorum {policy.quorum or 'none'}", ""])


def read(path: Path) -> Policy:
    """The policy in a file. NotFoundError, InputError: it is missing, or none."""
    return parse(disk.read(path, MAX_BYTES), str(path))


class _Reading:
    """The lines of a policy, one after the other."""

    def __init__(self, where: str) -> None:
        self._where, self._line = where, 0
        self._logs: list[Party] = []
        self._witnesses: dict[str, Party] = {}
        self._groups: dict[str, Group] = {}
        self._members: set[str] = set()
        self._quorum: list[str | None] = []

    def take(self, words: list[str]) -> None:
        """One line."""
        self._line += 1
        match words:
            case []:
                pass
            case [first, *_] if first.startswith("#"):
                pass
            case ["log", key, *address] if len(address) <= 1:
                self._logs.append(self._party(key, address, self._logs))
            case ["witness", name, key, *address] if len(address) <= 1:
                self._witnesses[self._new(name)] = party = self._party(key, address, self._witnesses.values())
                if party.key.kind == "ed25519":
                    self._refuse("the key of a witness is of type 0x04 or 0x06, since it signs a time")
            case ["group", name, least, *members] if members:
                self._group(name, least, members)
            case ["quorum", name]:
                if self._quorum:
                    self._refuse("a second quorum")
                self._quorum.append(None if name == "none" else self._known(name))
            case _:
                self._refuse(f"{shown(' '.join(words))} is no line of a policy")

    def policy(self) -> Policy:
        """What the lines say together."""
        if not self._quorum:
            raise InputError(f"{self._where}: a policy has a line with its quorum, `quorum none` at least")
        return Policy(tuple(self._logs), self._witnesses, self._groups, self._quorum[0])

    def _group(self, name: str, least: str, members: list[str]) -> None:
        for member in members:
            if self._known(member) in self._members:
                self._refuse(f"{shown(member)} is a member of a group already")
            self._members.add(member)
        count = {"all": len(members), "any": 1}.get(least) or (int(least) if _COUNT.fullmatch(least) else 0)
        if not 1 <= count <= len(members):
            self._refuse(f"{shown(least)}: of {len(members)} members 1 to {len(members)} can be demanded")
        self._groups[self._new(name)] = Group(count, tuple(members))

    def _party(self, text: str, address: list[str], others: Collection[Party]) -> Party:
        key = keys.parse(text, f"{self._where}, line {self._line}")
        if any(other.key.public == key.public for other in others):
            self._refuse("this key is there already")
        return Party(key, *address)

    def _new(self, name: str) -> str:
        if name == "none" or name in self._witnesses or name in self._groups:
            self._refuse(f"the name {shown(name)} is taken")
        return name

    def _known(self, name: str) -> str:
        if name not in self._witnesses and name not in self._groups:
            self._refuse(f"no line above defines {shown(name)}")
        return name

    def _refuse(self, why: str) -> NoReturn:
        raise InputError(f"{self._where}, line {self._line}: {why}")
