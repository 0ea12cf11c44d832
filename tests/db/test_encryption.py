"""Text at rest: sealed in the files, bound to its column, opened only by the right ring, and sealed again after a rotation."""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import stat
from pathlib import Path

import pytest
from ground import NOW, settings_for
from sqlalchemy import LargeBinary, select, text, type_coerce, update
from sqlalchemy.orm import Session

from bot.bootstrap import Root, make_root
from bot.db.crypto import KeyRing
from bot.db.session import make_engine, open_session
from bot.db.tables import Conversation, Message, UnderstandingRow, Worker
from bot.domain.errors import KeyMissing, StorageUnavailable
from bot.services import records

SECRET = "只有我和你知道的一句话"


def _store(session: Session) -> int:
    session.add(Worker(id="w", nickname=SECRET, timezone="Asia/Shanghai", created_at=NOW))
    session.flush()
    session.add(Conversation(id="c", worker_id="w", channel="web", created_at=NOW))
    session.flush()
    buttons = [{"title": SECRET, "payload": "/x"}]
    message = Message(conversation_id="c", channel="web", author="bot", text=SECRET, buttons=buttons, created_at=NOW)
    session.add(message)
    session.flush()
    row = UnderstandingRow(
        message_id=message.id, intent="grief", confidence=1.0, entities=[{"value": SECRET}], model="m", created_at=NOW
    )
    session.add(row)
    session.commit()
    return message.id


def _sealed(session: Session) -> bytes:
    found = session.scalar(select(type_coerce(Message.text, LargeBinary)))
    assert found is not None
    return bytes(found)


def test_what_was_written_is_read_back_and_stands_in_no_file(sqlite_root: Root, settings) -> None:
    message_id = sqlite_root.call(_store)
    message = sqlite_root.call_reading(lambda session: session.get(Message, message_id))
    assert (message.text, message.buttons) == (SECRET, [{"title": SECRET, "payload": "/x"}])
    files = sorted(settings.var_dir.glob("xinyi.db*"))
    assert {path.name for path in files} >= {"xinyi.db", "xinyi.db-wal"}
    escaped = json.dumps(SECRET).strip('"').encode()
    for path in files:
        data = path.read_bytes()
        assert SECRET.encode() not in data
        assert SECRET.encode("utf-16-le") not in data
        assert escaped not in data


def test_on_postgresql_the_server_sees_no_text(postgres_root: Root) -> None:
    postgres_root.call(_store)
    with postgres_root.engine.connect() as connection:
        rows = connection.execute(text("SELECT w::text, m::text FROM workers w, messages m")).all()
    assert len(rows) == 1
    assert SECRET not in "".join(rows[0])
    assert SECRET.encode().hex() not in "".join(rows[0])


def test_the_same_text_is_never_sealed_alike(sqlite_root: Root) -> None:
    assert sqlite_root.ring.seal(SECRET, "messages.text") != sqlite_root.ring.seal(SECRET, "messages.text")


def test_cannot_read_with_another_ring(sqlite_root: Root, tmp_path: Path) -> None:
    sqlite_root.call(_store)
    engine = make_engine(sqlite_root.settings.database_url, KeyRing.open(tmp_path / "other.json"))
    with pytest.raises(StorageUnavailable, match="no key"), open_session(engine, reading=True) as session:
        session.scalars(select(Message)).all()
    engine.dispose()


def test_cannot_start_with_a_ring_that_does_not_fit_the_database(sqlite_root: Root, tmp_path: Path) -> None:
    sqlite_root.call(_store)
    elsewhere = settings_for(tmp_path, KEY_RING=str(tmp_path / "fresh.json"))
    with pytest.raises(StorageUnavailable, match=r"fresh\.json"):
        make_root(elsewhere)


@pytest.mark.parametrize("content", ["", "{}", "[]", "not json", '{"current": "aa", "keys": {}}', '{"current": 1, "keys": 2}'])
def test_cannot_open_a_broken_ring(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    with pytest.raises(StorageUnavailable, match=r"keys\.json"):
        KeyRing.open(path)
    assert path.read_text() == content


def test_cannot_read_a_text_that_was_moved_to_another_column(sqlite_root: Root) -> None:
    sqlite_root.call(_store)

    def move(session: Session) -> None:
        session.execute(update(Message).values({Message.payload: type_coerce(_sealed(session), LargeBinary)}))
        session.commit()

    sqlite_root.call(move)
    with pytest.raises(KeyMissing, match=r"messages\.payload"):
        sqlite_root.call_reading(lambda session: session.scalars(select(Message)).all())


def test_cannot_read_a_text_that_was_changed(sqlite_root: Root) -> None:
    sealed = bytearray(sqlite_root.ring.seal(SECRET, "messages.text"))
    sealed[-1] ^= 1
    with pytest.raises(KeyMissing):
        sqlite_root.ring.unseal(bytes(sealed), "messages.text")
    with pytest.raises(KeyMissing):
        sqlite_root.ring.unseal(SECRET.encode(), "messages.text")


def test_the_ring_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    ring = KeyRing.open(tmp_path / "deep" / "keys.json")
    ring.rotate()
    assert stat.S_IMODE((tmp_path / "deep" / "keys.json").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["keys.json"]


def _open_ring(path: Path, start, results) -> None:
    start.wait(20)
    results.put(KeyRing.open(path).current_id)


def test_two_processes_that_make_the_ring_at_once_share_one(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    start, results = context.Event(), context.Queue()
    processes = [context.Process(target=_open_ring, args=(tmp_path / "keys.json", start, results)) for _ in range(4)]
    for process in processes:
        process.start()
    start.set()
    ids = {results.get(timeout=20) for _ in processes}
    for process in processes:
        process.join(20)
    assert ids == {KeyRing.open(tmp_path / "keys.json").current_id}


def test_after_rotation_everything_opens_and_old_keys_can_be_forgotten(root: Root) -> None:
    root.call(_store)
    before = root.ring.current_id
    after = root.ring.rotate()
    assert root.call_reading(_sealed)[1:5].hex() == before
    assert root.call_reading(lambda session: session.scalar(select(Message.text))) == SECRET
    root.call(records.reseal)
    assert root.call_reading(_sealed)[1:5].hex() == after != before
    assert root.ring.drop_others() == 1
    reopened = KeyRing.open(root.settings.key_ring)
    assert reopened.current_id == after
    assert root.call_reading(lambda session: session.scalar(select(Worker.nickname))) == SECRET
    assert root.call_reading(lambda session: session.scalar(select(UnderstandingRow.entities))) == [{"value": SECRET}]


def test_a_process_that_was_running_seals_with_the_new_key_after_a_rotation_elsewhere(tmp_path: Path) -> None:
    running = KeyRing.open(tmp_path / "keys.json")
    KeyRing.open(tmp_path / "keys.json").rotate()
    elsewhere = KeyRing.open(tmp_path / "keys.json")
    elsewhere.drop_others()
    sealed = running.seal(SECRET, "messages.text")
    assert elsewhere.unseal(sealed, "messages.text") == SECRET


def test_a_running_process_opens_what_another_sealed_with_a_newer_key(tmp_path: Path) -> None:
    running = KeyRing.open(tmp_path / "keys.json")
    elsewhere = KeyRing.open(tmp_path / "keys.json")
    elsewhere.rotate()
    assert running.unseal(elsewhere.seal(SECRET, "messages.text"), "messages.text") == SECRET


def test_cannot_store_a_time_without_a_zone(root: Root) -> None:
    def store(session: Session) -> None:
        session.add(Worker(id="n", timezone="Asia/Shanghai", created_at=dt.datetime(2026, 11, 22)))
        session.commit()

    with pytest.raises(Exception, match="a time without a zone"):
        root.call(store)
    assert root.call_reading(lambda session: session.get(Worker, "n")) is None


def test_a_time_of_any_zone_comes_back_as_utc(root: Root) -> None:
    beijing = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))

    def store(session: Session) -> None:
        session.add(Worker(id="z", timezone="Asia/Shanghai", created_at=beijing))
        session.commit()

    root.call(store)
    found = root.call_reading(lambda session: session.get(Worker, "z").created_at)
    assert (found, found.utcoffset()) == (NOW, dt.timedelta(0))
