"""The names that people of the staff give, as long as there are no accounts; pure."""

from __future__ import annotations

import unicodedata

from bot.domain.errors import InvalidInput

_LONGEST = 64


def named(raw: str) -> str:
    """The name without blanks around it, 64 characters at most; raises InvalidInput when nothing is left."""
    name = raw.strip()[:_LONGEST]
    if not name:
        raise InvalidInput("a name is needed")
    return name


def same_person(one: str, other: str) -> bool:
    """Whether two names are written for one person: width, case and blanks do not make two."""
    first, second = ("".join(unicodedata.normalize("NFKC", name).casefold().split()) for name in (one, other))
    return first == second
