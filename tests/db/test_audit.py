"""The audit log's chain: unbroken through ordinary use, and any change, gap or insertion is found."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from ground import NOW
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bot.bootstrap import Root
from bot.db.tables import AuditEntry
from bot.services import audit


def _append(session: Session, actor: str) -> None:
    audit.append(session, actor, "alert.opened", "c1", "值班查看", NOW)
    session.commit()


@pytest.fixture
def filled(root: Root) -> Root:
    for actor in ("小林", "老周", "阿青"):
        root.call(_append, actor)
    return root


def test_the_chain_holds(filled: Root) -> None:
    assert filled.call_reading(audit.first_broken) is None


@pytest.mark.parametrize("field", ["actor", "action", "subject", "reason", "hash", "previous_hash"])
def test_a_changed_entry_is_found(filled: Root, field: str) -> None:
    def change(session: Session) -> int:
        second = session.scalars(select(AuditEntry.id).order_by(AuditEntry.id)).all()[1]
        session.execute(update(AuditEntry).where(AuditEntry.id == second).values({field: "别人"}))
        session.commit()
        return second

    assert filled.call(change) == filled.call_reading(audit.first_broken)


def test_a_missing_entry_is_found(filled: Root) -> None:
    def remove(session: Session) -> int:
        _first, second, third = session.scalars(select(AuditEntry.id).order_by(AuditEntry.id)).all()
        session.execute(delete(AuditEntry).where(AuditEntry.id == second))
        session.commit()
        return third

    assert filled.call(remove) == filled.call_reading(audit.first_broken)


def test_entries_added_at_the_same_moment_still_make_one_chain(root: Root, pool: ThreadPoolExecutor) -> None:
    list(pool.map(lambda number: root.call(_append, f"n{number}"), range(24)))
    assert root.call_reading(lambda session: session.scalar(select(func.count()).select_from(AuditEntry))) == 24
    assert root.call_reading(audit.first_broken) is None
