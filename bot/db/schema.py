"""Every table there is, for what must see them all: migrations, backups, and tests that empty a database."""

from __future__ import annotations

from bot.db import handoff_tables, staff_tables, studio_tables
from bot.db.tables import Base

metadata = Base.metadata
__all__ = ["handoff_tables", "metadata", "staff_tables", "studio_tables"]
