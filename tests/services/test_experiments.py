"""An experiment's table: counted from what the conversations of each arm became, and nothing of anybody else's."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from ground import NOW
from model_ground import model
from sqlalchemy.orm import Session
from team_ground import case

from bot.bootstrap import Root
from bot.db.studio_tables import MessageFlag
from bot.db.tables import Alert, Conversation, Message, UnderstandingRow, Worker
from bot.domain.errors import Busy, IllegalTransition, NotFound, PublishRefused, SecondPersonNeeded
from bot.domain.publication import CANDIDATE, CONTROL, LIVE, arm_of
from bot.services import experiments, publications, slots
from bot.services.experiments import ExperimentLine

SECOND = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _no_archives(root: Root) -> Iterator[None]:
    yield
    shutil.rmtree(root.settings.models_dir, ignore_errors=True)


def start(root: Root, by: str = "wang", share: int = 50, **fields: Any) -> ExperimentLine:
    model(root, "made.tar.gz", age=9, trained_by=None)
    new = model(root, "studio/new.tar.gz", **fields)
    return root.call(experiments.start, new, share, by, "", NOW, root.settings.models_dir, None)


def worker_of(arm: str, experiment_id: int, skip: int = 0) -> str:
    """A worker whose conversation (`c-` and the name) draws this arm."""
    fitting = (f"w{n}" for n in range(1000) if arm_of(f"c-w{n}", experiment_id, 50) == arm)
    return [next(fitting) for _ in range(skip + 1)][-1]


def talk(root: Root, worker: str, intents: list[str], seconds: int = 2, began_at: dt.datetime = NOW) -> list[int]:
    """Messages understood like this, each answered after so many seconds; gives their ids."""

    def add(session: Session) -> list[int]:
        session.add(Worker(id=worker, timezone="Asia/Shanghai", created_at=began_at))
        session.flush()
        conversation = f"c-{worker}"
        session.add(Conversation(id=conversation, worker_id=worker, channel="web", created_at=began_at))
        session.flush()
        ids = []
        for place, intent in enumerate(intents):
            at = began_at + place * 60 * SECOND
            row = Message(conversation_id=conversation, channel="web", author="worker", text="话", created_at=at)
            session.add(row)
            session.flush()
            session.add(
                Message(
                    conversation_id=conversation, channel="web", author="bot", text="嗯", in_reply_to=row.id,
                    created_at=at + seconds * SECOND,
                )
            )  # fmt: skip
            session.add(
                UnderstandingRow(message_id=row.id, intent=intent, confidence=0.5, entities=[], model="m", created_at=at)
            )
            ids.append(row.id)
        session.commit()
        return ids

    return root.call(add)


def test_the_table_counts_each_arm_by_itself(root: Root) -> None:
    experiment = start(root)
    ours, theirs = worker_of(CONTROL, experiment.id), worker_of(CANDIDATE, experiment.id)
    outside = worker_of(CANDIDATE, experiment.id, skip=1)
    talk(root, ours, ["anxiety", "nlu_fallback"], seconds=3)
    first, *_ = talk(root, theirs, ["anxiety", "complain", "grief", "grief"], seconds=1)
    talk(root, outside, ["nlu_fallback"] * 9, began_at=NOW - 60 * SECOND)
    drawn = [root.call(experiments.arm, f"c-{worker}", experiment.id, NOW) for worker in (ours, theirs, outside)]
    assert drawn == [CONTROL, CANDIDATE, LIVE]
    case(root, theirs, reason="asked_for_person")

    def mark(session: Session) -> None:
        session.add(MessageFlag(message_id=first, kind="thumbs_down", created_at=NOW))
        facts = {"reason": "risk", "subject": "self", "kind": "suicide", "created_at": NOW}
        session.add(Alert(worker_id=theirs, conversation_id=f"c-{theirs}", message_id=first, level="high", **facts))
        session.add(Alert(worker_id=theirs, conversation_id=f"c-{theirs}", message_id=first, level="watch", **facts))
        session.commit()

    root.call(mark)
    control, candidate = root.call_reading(experiments.outcome, experiment.id).arms
    assert (control.conversations, control.messages, control.fallback_share, control.seconds_p50) == (1, 2, 0.5, 3.0)
    assert (control.thumbs_down_share, control.asked_for_person_share, control.crises) == (0.0, 0.0, 0)
    assert (candidate.conversations, candidate.messages, candidate.turns_a_conversation) == (1, 4, 4.0)
    assert (candidate.not_understood_share, candidate.thumbs_down_share, candidate.fallback_share) == (0.25, 0.25, 0.0)
    assert (candidate.asked_for_person_share, candidate.crises, candidate.seconds_p50) == (1.0, 1, 1.0)


def test_an_arm_nobody_is_in_has_no_shares(root: Root) -> None:
    control, _ = start(root).arms
    assert (control.messages, control.fallback_share, control.seconds_p50, control.turns_a_conversation) == (
        0,
        None,
        None,
        None,
    )


def test_what_is_said_after_its_end_counts_for_nobody(root: Root) -> None:
    experiment = start(root)
    worker = worker_of(CANDIDATE, experiment.id)
    talk(root, worker, ["grief", "grief", "grief"])
    root.call(experiments.arm, f"c-{worker}", experiment.id, NOW)
    ended = root.call(experiments.end, experiment.id, "wang", NOW + 70 * SECOND)
    assert ended.arms[1].messages == 2
    late = worker_of(CANDIDATE, experiment.id, skip=1)
    talk(root, late, ["grief"], began_at=NOW + 80 * SECOND)
    assert root.call(experiments.arm, f"c-{late}", experiment.id, NOW + 81 * SECOND) == LIVE
    with pytest.raises(IllegalTransition):
        root.call(experiments.end, experiment.id, "wang", NOW)


def test_an_arm_once_drawn_stays_with_its_conversation(root: Root) -> None:
    experiment = start(root)
    worker = worker_of(CANDIDATE, experiment.id)
    talk(root, worker, ["grief"])
    assert [root.call(experiments.arm, f"c-{worker}", experiment.id, NOW) for _ in range(3)] == [CANDIDATE] * 3
    assert root.call(experiments.arm, "unknown", experiment.id, NOW) == LIVE


@pytest.mark.parametrize(
    ("by", "fields", "error"),
    [
        ("lin", {}, SecondPersonNeeded),
        ("wang", {"verdict": "blocked"}, PublishRefused),
        ("wang", {"verdict": "unproven"}, PublishRefused),
    ],
)
def test_the_rules_of_publishing_hold_for_an_experiment(root: Root, by: str, fields: dict[str, str], error: type) -> None:
    with pytest.raises(error):
        start(root, by, **fields)
    assert root.call_reading(experiments.newest) is None
    assert root.call_reading(slots.listing) == []


def test_one_experiment_at_a_time_and_none_during_a_move(root: Root) -> None:
    experiment = start(root)
    second = model(root, "studio/second.tar.gz")
    with pytest.raises(Busy):
        root.call(experiments.start, second, 5, "wang", "", NOW, root.settings.models_dir, None)
    root.call(publications.publish, second, "wang", "", NOW, root.settings.models_dir, None)
    assert root.call_reading(experiments.outcome, experiment.id).ended_at == NOW
    third = model(root, "studio/third.tar.gz")
    with pytest.raises(Busy):
        root.call(experiments.start, third, 5, "wang", "", NOW, root.settings.models_dir, None)


def test_an_unknown_experiment_is_not_found(root: Root) -> None:
    with pytest.raises(NotFound):
        root.call_reading(experiments.outcome, 99)
    with pytest.raises(NotFound):
        root.call(experiments.end, 99, "wang", NOW)
