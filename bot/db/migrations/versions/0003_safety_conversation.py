"""The safety conversation: direct questions and safety plan of a worker, and what a message's turn is to say of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("protocol", sa.LargeBinary(), nullable=True))
    op.create_table(
        "safety_records",
        sa.Column("worker_id", sa.String(length=32), nullable=False),
        sa.Column("asq", sa.LargeBinary(), nullable=True),
        sa.Column("asq_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("plan", sa.LargeBinary(), nullable=True),
        sa.Column("plan_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("plan_shared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_abroad", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_safety_records_worker_id_workers")),
        sa.PrimaryKeyConstraint("worker_id", name=op.f("pk_safety_records")),
    )


def downgrade() -> None:
    op.drop_table("safety_records")
    op.drop_column("messages", "protocol")
