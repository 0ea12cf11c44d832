"""Column types: encrypted text, encrypted JSON, and UTC times."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from sqlalchemy import DateTime, LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from bot.db.crypto import KeyRing


def ring_of(dialect: Dialect) -> KeyRing:
    """The key ring that session.make_engine put on this engine's dialect."""
    ring = getattr(dialect, "xinyi_key_ring", None)
    if not isinstance(ring, KeyRing):
        raise RuntimeError("this engine has no key ring: make it with bot.db.session.make_engine")
    return ring


class EncryptedText(TypeDecorator[str]):
    """Text sealed with the engine's key ring; `column` is authenticated, so a value can't be moved to another column."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column = column

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else ring_of(dialect).seal(value, self.column)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else ring_of(dialect).unseal(bytes(value), self.column)


class EncryptedJson(TypeDecorator[Any]):
    """A JSON value sealed like EncryptedText."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column = column

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        return ring_of(dialect).seal(json.dumps(value, ensure_ascii=False, separators=(",", ":")), self.column)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(ring_of(dialect).unseal(bytes(value), self.column))


class UtcTime(TypeDecorator[dt.datetime]):
    """An aware UTC time; refuses a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone can't be stored")
        return value.astimezone(dt.timezone.utc)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.timezone.utc) if value.tzinfo is None else value.astimezone(dt.timezone.utc)
