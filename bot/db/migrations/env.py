"""Alembic's entry: runs the revisions on the connection that `bot.db.migrate` hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from bot.db.schema import metadata
from bot.db.types import EncryptedJson, EncryptedText, UtcTime


def plain_type(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """A revision names the stored type, so that it does not change when our column types do."""
    if kind == "type" and isinstance(item, (EncryptedText, EncryptedJson)):
        return "sa.LargeBinary()"
    if kind == "type" and isinstance(item, UtcTime):
        return "sa.DateTime(timezone=True)"
    return False


connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=False, render_item=plain_type)
with context.begin_transaction():
    context.run_migrations()
