"""Pickles, read without running anything: what one would call or build becomes an inert `Call`.

Nothing is imported, constructed or called. Names of functions and classes are compared with a list, and any other name
is refused. Sizes are bounded by the file itself: every object takes at least a byte of it.
"""

from __future__ import annotations

import pickletools
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import Any, BinaryIO

#: Most operations of one pickle; the largest public checkpoints have some ten thousand.
MAX_OPERATIONS = 1_000_000
#: Longest integer in bytes.
MAX_INTEGER = 16

Name = tuple[str, str]


@dataclass(eq=False)
class Call:
    """What a pickle would make by a call: whose, of what, then in which state, with which entries."""

    name: Name
    arguments: tuple[Any, ...]
    state: Any = None
    items: dict[Any, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Global:
    name: Name


@dataclass(frozen=True)
class Outside:
    """Something that lies outside of the pickle, by its persistent id."""

    id: Any


class _Mark:
    pass


_MARK = _Mark()
#: Operations whose argument is the value.
_VALUES = frozenset(
    {
        *("BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"),
        *("SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "SHORT_BINBYTES", "BINBYTES", "BINBYTES8"),
    }
)
_CONSTANTS: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_SHORT_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


def read(file: BinaryIO, names: Container[Name]) -> Any:
    """The value of the pickle at the file's position, which is then behind it.

    Values are None, bool, int, float, str, bytes, tuples, lists, dicts, sets of these, `Call` and `Outside`. `names`:
    which functions and classes may be named, as (module, name).

    Raises:
        ValueError: there is no whole pickle, or it has a name or an operation that is not allowed.

    """
    stack, memo = _Stack(), dict[int, Any]()
    operations: Iterable[tuple[pickletools.OpcodeInfo, Any, object]] = pickletools.genops(file)
    for count, (operation, argument, _) in enumerate(operations):
        if count >= MAX_OPERATIONS:
            raise ValueError(f"a pickle of more than {MAX_OPERATIONS} operations")
        match operation.name:
            case "PROTO" | "FRAME":
                pass
            case "STOP":
                return stack.last()
            case "MARK":
                stack.push(_MARK)
            case "POP":
                stack.pop()
            case "BINPUT" | "LONG_BINPUT":
                memo[argument] = stack.top()
            case "MEMOIZE":
                memo[len(memo)] = stack.top()
            case "BINGET" | "LONG_BINGET":
                if argument not in memo:
                    raise ValueError("a pickle that names what it has not")
                stack.push(memo[argument])
            case "GLOBAL":
                module, _, name = argument.partition(" ")
                stack.push(_named(module, name, names))
            case "STACK_GLOBAL":
                name, module = stack.pop(), stack.pop()
                stack.push(_named(module, name, names))
            case name if name in _VALUES:
                if type(argument) is int and argument.bit_length() > 8 * MAX_INTEGER:
                    raise ValueError("a pickle with an integer that is too long")
                stack.push(argument)
            case name if name in _CONSTANTS:
                stack.push(_CONSTANTS[name])
            case name if name in _SHORT_TUPLES:
                stack.push(tuple(stack.several(_SHORT_TUPLES[name])))
            case name:
                stack.combine(name)
    raise ValueError("a pickle without an end")


class _Stack:
    """The values of a pickle that is being read."""

    def __init__(self) -> None:
        self._values: list[Any] = []

    def push(self, value: Any) -> None:
        self._values.append(value)

    def top(self) -> Any:
        if not self._values or self._values[-1] is _MARK:
            raise ValueError("a pickle that takes what it has not")
        return self._values[-1]

    def pop(self) -> Any:
        value = self.top()
        self._values.pop()
        return value

    def several(self, count: int) -> list[Any]:
        return [self.pop() for _ in range(count)][::-1]

    def marked(self) -> list[Any]:
        """All values above the last mark."""
        found = []
        while self._values and self._values[-1] is not _MARK:
            found.append(self._values.pop())
        if not self._values:
            raise ValueError("a pickle that takes what it has not")
        self._values.pop()
        return found[::-1]

    def last(self) -> Any:
        value = self.pop()
        if self._values:
            raise ValueError("a pickle with more values than one")
        return value

    def combine(self, operation: str) -> None:
        """An operation that makes a value of others, or changes one."""
        match operation:
            case "EMPTY_LIST":
                self.push([])
            case "EMPTY_DICT":
                self.push({})
            case "EMPTY_SET":
                self.push(set())
            case "TUPLE":
                self.push(tuple(self.marked()))
            case "APPEND":
                value = self.pop()
                self._typed(list).append(value)
            case "APPENDS":
                values = self.marked()
                self._typed(list).extend(values)
            case "ADDITEMS":
                values = self.marked()
                self._typed(set).update(_keys(values))
            case "SETITEM":
                self._set(self.several(2))
            case "SETITEMS":
                self._set(self.marked())
            case "REDUCE" | "NEWOBJ":
                arguments, called = self.pop(), self.pop()
                if not isinstance(called, _Global) or not isinstance(arguments, tuple):
                    raise ValueError("a pickle that calls what is no function")
                self.push(Call(called.name, arguments))
            case "BUILD":
                state = self.pop()
                self._typed(Call).state = state
            case "BINPERSID":
                self.push(Outside(self.pop()))
            case _:
                raise ValueError(f"a pickle with the operation {operation}, which no checkpoint needs")

    def _typed(self, kind: type[Any]) -> Any:
        value = self.top()
        if type(value) is not kind:
            raise ValueError(f"a pickle that fills a {type(value).__name__} as if it were a {kind.__name__}")
        return value

    def _set(self, pairs: list[Any]) -> None:
        target = self.top()
        target = target.items if isinstance(target, Call) else self._typed(dict)
        if len(pairs) % 2:
            raise ValueError("a pickle with a key without a value")
        target.update(zip(_keys(pairs[::2]), pairs[1::2], strict=True))


def _keys(values: list[Any]) -> list[Any]:
    """Values that are plain, so that no comparison of them goes deep."""
    if not all(type(value) in (str, int, bytes) for value in values):
        raise ValueError("a pickle with a key that is neither text nor number")
    return values


def _named(module: Any, name: Any, names: Container[Name]) -> _Global:
    if not isinstance(module, str) or not isinstance(name, str) or (module, name) not in names:
        raise ValueError(f"a pickle that names {f'{module}.{name}'[:100]!a}, which no checkpoint needs")
    return _Global((module, name))
