"""The tables of the studio: what trainers look at, change, train, prove and publish."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.tables import Base, new_id
from bot.db.types import EncryptedJson, EncryptedText


class MessageFlag(Base):
    """Somebody's word that a worker's message was answered badly: `thumbs_down` by the worker, `misread` by a counsellor's account."""

    __tablename__ = "message_flags"
    __table_args__ = (UniqueConstraint("message_id", "kind", "flagged_by"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    kind: Mapped[str] = mapped_column(String(16))
    flagged_by: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[dt.datetime] = mapped_column(index=True)


class InboxGroup(Base):
    """Messages that mean about the same, one decision for all; `centroid` is the packed mean vector, `open_count` of those undecided."""

    __tablename__ = "inbox_groups"
    __table_args__ = (Index("ix_inbox_groups_open", "open_count", "score"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(default=0)
    open_count: Mapped[int] = mapped_column(default=0)
    score: Mapped[float] = mapped_column(default=0.0)
    centroid: Mapped[str] = mapped_column(EncryptedText("inbox_groups.centroid"))
    newest_at: Mapped[dt.datetime]


class InboxItem(Base):
    """A message worth a look, masked. `reasons` are codes, `state` open or done, `decision` what a trainer made of it."""

    __tablename__ = "inbox_items"
    __table_args__ = (Index("ix_inbox_items_group_id_state", "group_id", "state"),)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), primary_key=True)
    worker_id: Mapped[str] = mapped_column(ForeignKey("workers.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(String(32))
    group_id: Mapped[int] = mapped_column(ForeignKey("inbox_groups.id"))
    reasons: Mapped[list[str]] = mapped_column(JSON)
    intent: Mapped[str] = mapped_column(String(64))
    confidence: Mapped[float]
    level: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(EncryptedText("inbox_items.text"))
    vector: Mapped[str] = mapped_column(EncryptedText("inbox_items.vector"))
    state: Mapped[str] = mapped_column(String(16), default="open")
    assigned_to: Mapped[str | None] = mapped_column(String(32))
    comment: Mapped[str | None] = mapped_column(EncryptedText("inbox_items.comment"))
    decision: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson("inbox_items.decision"))
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(index=True)


class ChangeSet(Base):
    """Changes to files of the training folder on their way: draft, proposed, reviewed, applied; or withdrawn.

    `is_clinical`: touches what only a clinician approves. `commit`: the git commit that applying made, where the folder is a repository.
    """

    __tablename__ = "change_sets"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    author_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    author: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), index=True, default="draft")
    is_clinical: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]
    proposed_at: Mapped[dt.datetime | None]
    reviewed_by: Mapped[str | None] = mapped_column(String(64))
    reviewed_at: Mapped[dt.datetime | None]
    review_note: Mapped[str] = mapped_column(String(500), default="")
    applied_by: Mapped[str | None] = mapped_column(String(64))
    applied_at: Mapped[dt.datetime | None]
    commit: Mapped[str | None] = mapped_column(String(64))


class ChangeSetFile(Base):
    """One file of a change set: as it was when first touched (`base`, empty for a new file) and as it shall be (`text`, empty: deleted)."""

    __tablename__ = "change_set_files"
    change_set_id: Mapped[int] = mapped_column(ForeignKey("change_sets.id"), primary_key=True)
    path: Mapped[str] = mapped_column(String(200), primary_key=True)
    base: Mapped[str | None] = mapped_column(EncryptedText("change_set_files.base"))
    text: Mapped[str | None] = mapped_column(EncryptedText("change_set_files.text"))
    updated_at: Mapped[dt.datetime]


class ResponseReview(Base):
    """A clinician read a response's wordings; it stands only for wordings of this digest."""

    __tablename__ = "response_reviews"
    response: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    author: Mapped[str] = mapped_column(String(64), default="")
    reviewed_by: Mapped[str] = mapped_column(String(64))
    reviewed_at: Mapped[dt.datetime]


class Model(Base):
    """A trained archive: from what, by whom, with which figures. `verdict`: unproven, passed, falls or blocked."""

    __tablename__ = "models"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    archive: Mapped[str] = mapped_column(String(128), unique=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    rasa_version: Mapped[str] = mapped_column(String(16), default="")
    change_set_id: Mapped[int | None] = mapped_column(ForeignKey("change_sets.id"))
    trained_by: Mapped[str | None] = mapped_column(String(64))
    figures: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson("models.figures"))
    verdict: Mapped[str] = mapped_column(String(16), default="unproven")
    created_at: Mapped[dt.datetime]


class TrainingJob(Base):
    """One training or proof: `kind` train or prove, `state` queued, running, done, failed or cancelled; leased by the process that runs it.

    `change_set_id`: the draft laid over the folder. `phase` and `progress` (0 to 1) are shown; the log is a file beside the models.
    """

    __tablename__ = "training_jobs"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), index=True, default="queued")
    change_set_id: Mapped[int | None] = mapped_column(ForeignKey("change_sets.id"))
    model_id: Mapped[str | None] = mapped_column(ForeignKey("models.id"))
    requested_by: Mapped[str] = mapped_column(String(64))
    phase: Mapped[str] = mapped_column(String(32), default="")
    progress: Mapped[float] = mapped_column(default=0.0)
    error: Mapped[str | None] = mapped_column(String(300))
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    leased_until: Mapped[dt.datetime | None]
    cancel_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]


class ServingSlot(Base):
    """Which model a Rasa process of ours serves, and what for: `purpose` live, candidate or draft, `state` starting, ready, draining, failed.

    `asked_by`: who talks to a draft; its `changed_at` is the last use. Slot n listens on RASA_PORT + n. Without any row slot 0 serves the newest archive, as before anything was published.
    """

    __tablename__ = "serving_slots"
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    model_id: Mapped[str] = mapped_column(ForeignKey("models.id"))
    purpose: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    asked_by: Mapped[str | None] = mapped_column(String(64))
    changed_at: Mapped[dt.datetime]


class Publication(Base):
    """One move of the live pointer, by publishing or rolling back; its `state` is worked through by the gateway and survives a kill.

    starting -> moved -> done, or failed. `reason`: why a fall was accepted, or why it goes back. `leased_by`: the gateway at work on it.
    """

    __tablename__ = "publications"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    model_id: Mapped[str] = mapped_column(ForeignKey("models.id"))
    previous_id: Mapped[str | None] = mapped_column(ForeignKey("models.id"))
    slot: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(16), index=True, default="starting")
    published_by: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(500), default="")
    error: Mapped[str | None] = mapped_column(String(300))
    leased_by: Mapped[str | None] = mapped_column(String(32))
    leased_until: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    moved_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]


class Experiment(Base):
    """An A/B of the live model with a candidate: `share` percent of the new conversations go to the candidate."""

    __tablename__ = "experiments"
    id: Mapped[int] = mapped_column(primary_key=True)
    control_id: Mapped[str] = mapped_column(ForeignKey("models.id"))
    candidate_id: Mapped[str] = mapped_column(ForeignKey("models.id"))
    share: Mapped[int]
    started_by: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[dt.datetime]
    ended_by: Mapped[str | None] = mapped_column(String(64))
    ended_at: Mapped[dt.datetime | None]


class ExperimentArm(Base):
    """Which model a conversation that began during an experiment talks to: `arm` control or candidate."""

    __tablename__ = "experiment_arms"
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    experiment_id: Mapped[int] = mapped_column(ForeignKey("experiments.id"), index=True)
    arm: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[dt.datetime]
