"""How fast one worker may write: a sliding window in memory."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable

_MOST_WORKERS = 10_000


class RateLimit:
    """At most `messages` in `seconds` for each key; keys seen longest ago are forgotten."""

    def __init__(self, messages: float, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._messages = int(messages)
        self._seconds = seconds
        self._clock = clock
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def allows(self, key: str) -> bool:
        """Count one message; False when it is one too many."""
        now = self._clock()
        times = self._seen.setdefault(key, deque())
        self._seen.move_to_end(key)
        while times and now - times[0] > self._seconds:
            times.popleft()
        if len(times) >= self._messages:
            return False
        times.append(now)
        while len(self._seen) > _MOST_WORKERS:
            self._seen.popitem(last=False)
        return True
