"""What is left of a short message when the soft words that people put around a wish are gone; pure."""

from __future__ import annotations

import re

LONGEST_WISH = 24  # characters; what is longer tells something


def cores(bare: str, soft_start: re.Pattern[str], soft_end: re.Pattern[str]) -> tuple[str, ...]:
    """The words as they are, without their soft end, and without their soft start as well; nothing for a long message."""
    if len(bare) > LONGEST_WISH:
        return ()
    ended = soft_end.sub("", bare)
    return tuple(dict.fromkeys(core for core in (bare, ended, soft_start.sub("", ended)) if core))
