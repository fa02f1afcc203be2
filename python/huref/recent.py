"""Values of pure functions that are kept for a while, because the next call will often be the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Generic, TypeVar
from weakref import WeakSet

Value = TypeVar("Value")
_ALL: WeakSet[Recent[Any]] = WeakSet()


class Recent(Generic[Value]):
    """The values of the `most` keys asked for last. Unlike `functools.lru_cache` it holds no arguments, which may be
    large: the key is what stands for them, such as a digest, and must determine the value.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = Lock()
        _ALL.add(self)

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of that key: made now, unless it is kept. What `make` raises is raised, and nothing is kept."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()  # without the lock: two threads may make the same value
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value

    def clear(self) -> None:
        """Keep nothing of what was asked for."""
        with self._lock:
            self._values.clear()


def forget() -> None:
    """Keep nothing anywhere: for measurements, of which each begins alike."""
    for recent in list(_ALL):
        recent.clear()
