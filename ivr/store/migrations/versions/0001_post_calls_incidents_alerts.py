"""Calls, incidents, alerts"""

import sqlalchemy as sa
from alembic import op

import ivr.store.database

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "calls",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("caller", sa.String(length=32), nullable=True),
        sa.Column("called", sa.String(length=32), nullable=True),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("media", sa.String(length=16), nullable=False),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("began_at", ivr.store.database.Utc(timezone=True), nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("ended_at", ivr.store.database.Utc(timezone=True), nullable=True),
        sa.Column("disposition", sa.String(length=32), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("token_spent", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
    )
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calls_began_at"), ["began_at"], unique=False)

    op.create_table(
        "day_numbers",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_day_numbers")),
    )
    op.create_table(
        "heartbeats",
        sa.Column("part", sa.String(length=64), nullable=False),
        sa.Column("at", ivr.store.database.Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("part", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "incidents",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("opened_at", ivr.store.database.Utc(timezone=True), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("severity_since", ivr.store.database.Utc(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("acknowledged_by", sa.String(length=128), nullable=True),
        sa.Column("acknowledged_at", ivr.store.database.Utc(timezone=True), nullable=True),
        sa.Column("plan_due_at", ivr.store.database.Utc(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.create_index("ix_incidents_opened_at_id", ["opened_at", "id"], unique=False)
        batch_op.create_index("ix_incidents_plan_due_at", ["plan_due_at"], unique=False)

    op.create_table(
        "roster_editions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", ivr.store.database.Utc(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=256), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_editions")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "alert_orders",
        sa.Column("incident", sa.String(length=24), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("clauses", sa.Text(), nullable=False),
        sa.Column("at", ivr.store.database.Utc(timezone=True), nullable=False),
        sa.Column("desk", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident"], ["incidents.id"], name=op.f("fk_alert_orders_incident_incidents")
        ),
        sa.PrimaryKeyConstraint("incident", "key", name=op.f("pk_alert_orders")),
    )
    op.create_table(
        "answers",
        sa.Column("call", sa.String(length=64), nullable=False),
        sa.Column("turn", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name=op.f("fk_answers_call_calls")),
        sa.PrimaryKeyConstraint("call", "turn", name=op.f("pk_answers")),
    )
    op.create_table(
        "desk_messages",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("incident", sa.String(length=24), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("phone", sa.String(length=64), nullable=False),
        sa.Column("short", sa.Text(), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("rang_at", ivr.store.database.Utc(timezone=True), nullable=False),
        sa.Column("acknowledge_at", ivr.store.database.Utc(timezone=True), nullable=True),
        sa.Column("acknowledged_at", ivr.store.database.Utc(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident"], ["incidents.id"], name=op.f("fk_desk_messages_incident_incidents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_messages")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("desk_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_desk_messages_incident"), ["incident"], unique=False)

    op.create_table(
        "incident_calls",
        sa.Column("call", sa.String(length=64), nullable=False),
        sa.Column("incident", sa.String(length=24), nullable=False),
        sa.Column("joined_at", ivr.store.database.Utc(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name=op.f("fk_incident_calls_call_calls")),
        sa.ForeignKeyConstraint(
            ["incident"], ["incidents.id"], name=op.f("fk_incident_calls_incident_incidents")
        ),
        sa.PrimaryKeyConstraint("call", name=op.f("pk_incident_calls")),
    )
    with op.batch_alter_table("incident_calls", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_calls_incident"), ["incident"], unique=False)

    op.create_table(
        "journal",
        sa.Column("call", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", ivr.store.database.Utc(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call"], ["calls.id"], name=op.f("fk_journal_call_calls")),
        sa.PrimaryKeyConstraint("call", "seq", name=op.f("pk_journal")),
    )
    op.create_table(
        "notices",
        sa.Column("incident", sa.String(length=24), nullable=False),
        sa.Column("step", sa.String(length=96), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("at", ivr.store.database.Utc(timezone=True), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident"], ["incidents.id"], name=op.f("fk_notices_incident_incidents")
        ),
        sa.PrimaryKeyConstraint("incident", "step", "role", name=op.f("pk_notices")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("incident", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("step", sa.String(length=96), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("target_name", sa.String(length=128), nullable=False),
        sa.Column("reach", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("repeat", sa.Boolean(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", ivr.store.database.Utc(timezone=True), nullable=False),
        sa.Column("leased_by", sa.String(length=96), nullable=True),
        sa.Column("leased_until", ivr.store.database.Utc(timezone=True), nullable=True),
        sa.Column("queued_at", ivr.store.database.Utc(timezone=True), nullable=False),
        sa.Column("started_at", ivr.store.database.Utc(timezone=True), nullable=True),
        sa.Column("finished_at", ivr.store.database.Utc(timezone=True), nullable=True),
        sa.Column("reference", sa.String(length=128), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident"], ["incidents.id"], name=op.f("fk_outbox_incident_incidents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint(
            "incident",
            "step",
            "target",
            "channel",
            "attempt",
            name=op.f("uq_outbox_incident_step_target_channel_attempt"),
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_channel_reference", ["channel", "reference"], unique=False)
        batch_op.create_index("ix_outbox_state_due_at", ["state", "due_at"], unique=False)

    op.create_table(
        "records",
        sa.Column("incident", sa.String(length=24), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("noted_by", sa.String(length=128), nullable=False),
        sa.Column("at", ivr.store.database.Utc(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident"], ["incidents.id"], name=op.f("fk_records_incident_incidents")
        ),
        sa.PrimaryKeyConstraint("incident", "field", name=op.f("pk_records")),
    )
    op.create_table(
        "tasks",
        sa.Column("incident", sa.String(length=24), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("clauses", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_at", ivr.store.database.Utc(timezone=True), nullable=True),
        sa.Column("records", sa.Text(), nullable=False),
        sa.Column("consent", sa.Boolean(), nullable=False),
        sa.Column("sheet", sa.String(length=32), nullable=True),
        sa.Column("done_at", ivr.store.database.Utc(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(length=128), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident"], ["incidents.id"], name=op.f("fk_tasks_incident_incidents")
        ),
        sa.PrimaryKeyConstraint("incident", "key", name=op.f("pk_tasks")),
    )
    op.create_table(
        "timeline",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("incident", sa.String(length=24), nullable=False),
        sa.Column("at", ivr.store.database.Utc(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident"], ["incidents.id"], name=op.f("fk_timeline_incident_incidents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("timeline", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_timeline_incident"), ["incident"], unique=False)


def downgrade() -> None:

    with op.batch_alter_table("timeline", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_timeline_incident"))

    op.drop_table("timeline")
    op.drop_table("tasks")
    op.drop_table("records")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_state_due_at")
        batch_op.drop_index("ix_outbox_channel_reference")

    op.drop_table("outbox")
    op.drop_table("notices")
    op.drop_table("journal")
    with op.batch_alter_table("incident_calls", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incident_calls_incident"))

    op.drop_table("incident_calls")
    with op.batch_alter_table("desk_messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_desk_messages_incident"))

    op.drop_table("desk_messages")
    op.drop_table("answers")
    op.drop_table("alert_orders")
    op.drop_table("roster_editions")
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.drop_index("ix_incidents_plan_due_at")
        batch_op.drop_index("ix_incidents_opened_at_id")

    op.drop_table("incidents")
    op.drop_table("heartbeats")
    op.drop_table("day_numbers")
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calls_began_at"))

    op.drop_table("calls")
