"""The studio: flags and inbox, change sets, trained models with their jobs, slots, publications and experiments; the second intent of a message."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inbox_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("open_count", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("centroid", sa.LargeBinary(), nullable=False),
        sa.Column("newest_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_groups")),
    )
    op.create_index("ix_inbox_groups_open", "inbox_groups", ["open_count", "score"], unique=False)
    op.create_table(
        "response_reviews",
        sa.Column("response", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("reviewed_by", sa.String(length=64), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("response", "digest", name=op.f("pk_response_reviews")),
    )
    op.create_table(
        "change_sets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("author_id", sa.String(length=32), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("is_clinical", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.String(length=64), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_note", sa.String(length=500), nullable=False),
        sa.Column("applied_by", sa.String(length=64), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("commit", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_change_sets_author_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_sets")),
    )
    op.create_index(op.f("ix_change_sets_state"), "change_sets", ["state"], unique=False)
    op.create_table(
        "change_set_files",
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("base", sa.LargeBinary(), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_set_id"], ["change_sets.id"], name=op.f("fk_change_set_files_change_set_id_change_sets")
        ),
        sa.PrimaryKeyConstraint("change_set_id", "path", name=op.f("pk_change_set_files")),
    )
    op.create_table(
        "models",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("archive", sa.String(length=128), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("rasa_version", sa.String(length=16), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=True),
        sa.Column("trained_by", sa.String(length=64), nullable=True),
        sa.Column("figures", sa.LargeBinary(), nullable=True),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_sets.id"], name=op.f("fk_models_change_set_id_change_sets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_models")),
        sa.UniqueConstraint("archive", name=op.f("uq_models_archive")),
    )
    op.create_table(
        "experiments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("control_id", sa.String(length=32), nullable=False),
        sa.Column("candidate_id", sa.String(length=32), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("started_by", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["candidate_id"], ["models.id"], name=op.f("fk_experiments_candidate_id_models")),
        sa.ForeignKeyConstraint(["control_id"], ["models.id"], name=op.f("fk_experiments_control_id_models")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experiments")),
    )
    op.create_table(
        "inbox_items",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("worker_id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("intent", sa.String(length=64), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("assigned_to", sa.String(length=32), nullable=True),
        sa.Column("comment", sa.LargeBinary(), nullable=True),
        sa.Column("decision", sa.LargeBinary(), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["inbox_groups.id"], name=op.f("fk_inbox_items_group_id_inbox_groups")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_inbox_items_message_id_messages")),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_inbox_items_worker_id_workers")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_inbox_items")),
    )
    op.create_index(op.f("ix_inbox_items_created_at"), "inbox_items", ["created_at"], unique=False)
    op.create_index("ix_inbox_items_group_id_state", "inbox_items", ["group_id", "state"], unique=False)
    op.create_index(op.f("ix_inbox_items_worker_id"), "inbox_items", ["worker_id"], unique=False)
    op.create_table(
        "message_flags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("flagged_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_message_flags_message_id_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_flags")),
        sa.UniqueConstraint("message_id", "kind", "flagged_by", name=op.f("uq_message_flags_message_id_kind_flagged_by")),
    )
    op.create_index(op.f("ix_message_flags_created_at"), "message_flags", ["created_at"], unique=False)
    op.create_table(
        "publications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("model_id", sa.String(length=32), nullable=False),
        sa.Column("previous_id", sa.String(length=32), nullable=True),
        sa.Column("slot", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("published_by", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("error", sa.String(length=300), nullable=True),
        sa.Column("leased_by", sa.String(length=32), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_publications_model_id_models")),
        sa.ForeignKeyConstraint(["previous_id"], ["models.id"], name=op.f("fk_publications_previous_id_models")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
    )
    op.create_index(op.f("ix_publications_state"), "publications", ["state"], unique=False)
    op.create_table(
        "serving_slots",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("model_id", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_serving_slots_model_id_models")),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_serving_slots")),
    )
    op.create_table(
        "training_jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=True),
        sa.Column("model_id", sa.String(length=32), nullable=True),
        sa.Column("requested_by", sa.String(length=64), nullable=False),
        sa.Column("phase", sa.String(length=32), nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("error", sa.String(length=300), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_sets.id"], name=op.f("fk_training_jobs_change_set_id_change_sets")),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_training_jobs_model_id_models")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_jobs")),
    )
    op.create_index(op.f("ix_training_jobs_state"), "training_jobs", ["state"], unique=False)
    op.create_table(
        "experiment_arms",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("experiment_id", sa.Integer(), nullable=False),
        sa.Column("arm", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_experiment_arms_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(
            ["experiment_id"], ["experiments.id"], name=op.f("fk_experiment_arms_experiment_id_experiments")
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_experiment_arms")),
    )
    op.create_index(op.f("ix_experiment_arms_experiment_id"), "experiment_arms", ["experiment_id"], unique=False)
    op.add_column("understandings", sa.Column("runner_up", sa.String(length=64), nullable=True))
    op.add_column("understandings", sa.Column("runner_up_confidence", sa.Float(), nullable=True))


def downgrade() -> None:
    op.drop_column("understandings", "runner_up_confidence")
    op.drop_column("understandings", "runner_up")
    op.drop_index(op.f("ix_experiment_arms_experiment_id"), table_name="experiment_arms")
    op.drop_table("experiment_arms")
    op.drop_index(op.f("ix_training_jobs_state"), table_name="training_jobs")
    op.drop_table("training_jobs")
    op.drop_table("serving_slots")
    op.drop_index(op.f("ix_publications_state"), table_name="publications")
    op.drop_table("publications")
    op.drop_index(op.f("ix_message_flags_created_at"), table_name="message_flags")
    op.drop_table("message_flags")
    op.drop_index(op.f("ix_inbox_items_worker_id"), table_name="inbox_items")
    op.drop_index("ix_inbox_items_group_id_state", table_name="inbox_items")
    op.drop_index(op.f("ix_inbox_items_created_at"), table_name="inbox_items")
    op.drop_table("inbox_items")
    op.drop_table("experiments")
    op.drop_table("models")
    op.drop_table("change_set_files")
    op.drop_index(op.f("ix_change_sets_state"), table_name="change_sets")
    op.drop_table("change_sets")
    op.drop_table("response_reviews")
    op.drop_index("ix_inbox_groups_open", table_name="inbox_groups")
    op.drop_table("inbox_groups")
