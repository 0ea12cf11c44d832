"""After a crisis: follow-ups, lowerings, marks of the screen, and until when an alert must be read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TIMES = (("workers", "asq_clear_at"), ("workers", "welcomed_at"), ("alerts", "due_at"), ("alerts", "overdue_at"))


def upgrade() -> None:
    for table, column in _TIMES:
        op.add_column(table, sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_alerts_due_at"), "alerts", ["due_at"], unique=False)
    op.create_table(
        "follow_ups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("worker_id", sa.String(length=32), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assigned_to", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("overdue_alerted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(length=64), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name=op.f("fk_follow_ups_alert_id_alerts")),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_follow_ups_worker_id_workers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_ups")),
    )
    op.create_index(op.f("ix_follow_ups_due_at"), "follow_ups", ["due_at"], unique=False)
    op.create_index(op.f("ix_follow_ups_worker_id"), "follow_ups", ["worker_id"], unique=False)
    op.create_table(
        "lowerings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("worker_id", sa.String(length=32), nullable=False),
        sa.Column("from_level", sa.String(length=16), nullable=False),
        sa.Column("to_level", sa.String(length=16), nullable=False),
        sa.Column("proposed_by", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.String(length=64), nullable=True),
        sa.Column("lowered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_lowerings_worker_id_workers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lowerings")),
    )
    op.create_index(op.f("ix_lowerings_worker_id"), "lowerings", ["worker_id"], unique=False)
    op.create_table(
        "screen_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("expected", sa.String(length=16), nullable=False),
        sa.Column("marked_by", sa.String(length=64), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by", sa.String(length=64), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_screen_marks_message_id_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screen_marks")),
        sa.UniqueConstraint("message_id", "marked_by", name=op.f("uq_screen_marks_message_id_marked_by")),
    )


def downgrade() -> None:
    op.drop_table("screen_marks")
    op.drop_index(op.f("ix_lowerings_worker_id"), table_name="lowerings")
    op.drop_table("lowerings")
    op.drop_index(op.f("ix_follow_ups_worker_id"), table_name="follow_ups")
    op.drop_index(op.f("ix_follow_ups_due_at"), table_name="follow_ups")
    op.drop_table("follow_ups")
    op.drop_index(op.f("ix_alerts_due_at"), table_name="alerts")
    for table, column in reversed(_TIMES):
        op.drop_column(table, column)
