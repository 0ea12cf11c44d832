"""The studio's texts at rest: every sealed column is sealed again after a rotation, rows of two keys each with their own text."""

from __future__ import annotations

from ground import NOW
from sqlalchemy import select
from sqlalchemy.orm import Session
from team_ground import account

from bot.bootstrap import Root
from bot.db.schema import metadata
from bot.db.studio_tables import ChangeSet, ChangeSetFile
from bot.db.types import EncryptedJson, EncryptedText
from bot.services import records


def test_no_sealed_column_is_forgotten_by_a_rotation() -> None:
    sealed = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, (EncryptedText, EncryptedJson))
    }
    assert sealed == {f"{column.class_.__tablename__}.{column.key}" for column in records.SEALED}


def _draft(session: Session, author_id: str) -> None:
    session.add(ChangeSet(id=1, title="夜班", author_id=author_id, author="lin", created_at=NOW, updated_at=NOW))
    session.flush()
    for path in ("data/nlu/a.yml", "data/nlu/b.yml"):
        session.add(ChangeSetFile(change_set_id=1, path=path, base=None, text=f"text of {path}", updated_at=NOW))
    session.commit()


def test_files_of_one_change_set_keep_each_its_own_text(root: Root) -> None:
    author_id = account(root, "lin", "trainer")
    root.call(_draft, author_id)
    root.ring.rotate()
    root.call(records.reseal)
    root.ring.drop_others()
    files = root.call_reading(lambda session: session.execute(select(ChangeSetFile.path, ChangeSetFile.text)).all())
    assert sorted(tuple(each) for each in files) == [
        ("data/nlu/a.yml", "text of data/nlu/a.yml"),
        ("data/nlu/b.yml", "text of data/nlu/b.yml"),
    ]
