"""Accounts, workers and cases put straight into the database, for tests of what looks back on them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ground import NOW
from sqlalchemy.orm import Session

from bot.bootstrap import Root
from bot.db.handoff_tables import Handoff
from bot.db.staff_tables import Account
from bot.db.tables import Conversation, Worker


def account(root: Root, name: str, role: str = "counsellor", **fields: Any) -> str:
    """An account that may sign in; gives its id."""
    plain: dict[str, Any] = {
        "shown_name": f"{name}老师", "password_hash": "x", "timezone": "Asia/Shanghai", "created_at": NOW, "skills": [], **fields,
    }  # fmt: skip

    def add(session: Session) -> str:
        row = Account(name=name, role=role, **plain)
        session.add(row)
        session.commit()
        return row.id

    return root.call(add)


def case(root: Root, worker_id: str, *, nickname: str | None = None, requested_at: dt.datetime = NOW, **fields: Any) -> int:
    """A case of a worker, who is made with a conversation when they are new; gives its id."""
    plain: dict[str, Any] = {
        "status": "closed", "is_live": True, "reason": "asked_for_person", "level": "none", "rank": 3,
        "due_at": requested_at + dt.timedelta(minutes=15), **fields,
    }  # fmt: skip

    def add(session: Session) -> int:
        if session.get(Worker, worker_id) is None:
            session.add(Worker(id=worker_id, nickname=nickname, timezone="Asia/Shanghai", created_at=requested_at))
            session.flush()
            session.add(Conversation(id=f"c-{worker_id}", worker_id=worker_id, channel="web", created_at=requested_at))
            session.flush()
        row = Handoff(worker_id=worker_id, conversation_id=f"c-{worker_id}", requested_at=requested_at, **plain)
        session.add(row)
        session.commit()
        return row.id

    return root.call(add)
