"""How often one client may ask, and write. Counted in this process: several services count apart."""

from __future__ import annotations

import ipaddress
import math
import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from ..errors import RateLimitedError
from .settings import Settings


class Rates:
    """The counts of one service. Both methods raise RateLimitedError."""

    def __init__(self, settings: Settings) -> None:
        self._asking, self._writing = parse(settings.rate), parse(settings.write_rate)
        self._counts = SlidingWindowCounterRateLimiter(MemoryStorage())

    def ask(self, host: str) -> None:
        """Count a request of a client."""
        self._count(self._asking, "ask", client(host))

    def write(self, who: str) -> None:
        """Count a request to write: of a token, or of a client without one."""
        self._count(self._writing, "write", who)

    def _count(self, rate: RateLimitItem, what: str, who: str) -> None:
        if not self._counts.hit(rate, what, who):
            left = self._counts.get_window_stats(rate, what, who).reset_time - time.time()
            seconds = max(1, math.ceil(left))
            raise RateLimitedError(seconds, f"too many requests; the next one may come in {seconds} seconds")


def client(host: str) -> str:
    """What counts as one client: an address, of IPv6 the network of 64 bits, which one household has."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))
