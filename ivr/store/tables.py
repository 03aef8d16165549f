"""All tables, one noun after the other. The migrations must build exactly these (tested)."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from ivr.store.database import Utc

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# ---- calls ------------------------------------------------------------------------------------

calls = Table(
    "calls",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("caller", String(32)),
    Column("called", String(32)),
    Column("revision", String(64), nullable=False),
    Column("media", String(16), nullable=False),
    Column("test", Boolean, nullable=False),
    Column("began_at", Utc, nullable=False, index=True),
    Column("known", Boolean, nullable=False),
    # False: only its end has been heard of so far (status callbacks overtake webhooks)
    Column("ended_at", Utc),
    Column("disposition", String(32)),
    Column("token_hash", String(64)),
    Column("token_spent", Boolean, nullable=False),
)

journal = Table(
    "journal",
    metadata,
    Column("call", ForeignKey("calls.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Utc, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("payload", Text, nullable=False),
)

answers = Table(
    "answers",
    metadata,
    Column("call", ForeignKey("calls.id"), primary_key=True),
    Column("turn", Integer, primary_key=True, autoincrement=False),
    Column("document", Text, nullable=False),
)

# ---- incidents --------------------------------------------------------------------------------

day_numbers = Table(
    "day_numbers",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("last", Integer, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("opened_at", Utc, nullable=False),
    Column("category", String(32), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("severity_since", Utc, nullable=False),
    Column("status", String(32), nullable=False),
    Column("report", Text, nullable=False),
    Column("policy", Text, nullable=False),
    # the escalation as it was when the incident began; later edits never change a running one
    Column("listed", Boolean, nullable=False),
    # False: `none`, silent and test calls that alerted nobody (design.md section 4)
    Column("acknowledged_by", String(128)),
    Column("acknowledged_at", Utc),
    Column("plan_due_at", Utc),
    # when the escalation has to be looked at next; None: nothing left to decide
    Index("ix_incidents_opened_at_id", "opened_at", "id"),
    Index("ix_incidents_plan_due_at", "plan_due_at"),
)

incident_calls = Table(
    "incident_calls",
    metadata,
    Column("call", ForeignKey("calls.id"), primary_key=True),
    Column("incident", ForeignKey("incidents.id"), nullable=False, index=True),
    Column("joined_at", Utc, nullable=False),
)

timeline = Table(
    "timeline",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("incident", ForeignKey("incidents.id"), nullable=False, index=True),
    Column("at", Utc, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("payload", Text, nullable=False),
    sqlite_autoincrement=True,
)

alert_orders = Table(
    "alert_orders",
    metadata,
    Column("incident", ForeignKey("incidents.id"), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("roles", Text, nullable=False),
    Column("clauses", Text, nullable=False),
    Column("at", Utc, nullable=False),
    Column("desk", Boolean, nullable=False),
)

tasks = Table(
    "tasks",
    metadata,
    Column("incident", ForeignKey("incidents.id"), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("clauses", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("due_at", Utc),
    Column("records", Text, nullable=False),
    Column("consent", Boolean, nullable=False),
    Column("sheet", String(32)),
    Column("done_at", Utc),
    Column("done_by", String(128)),
)

records = Table(
    "records",
    metadata,
    Column("incident", ForeignKey("incidents.id"), primary_key=True),
    Column("field", String(64), primary_key=True),
    Column("value", Text, nullable=False),
    Column("noted_by", String(128), nullable=False),
    Column("at", Utc, nullable=False),
)

# ---- alerts -----------------------------------------------------------------------------------

notices = Table(
    "notices",
    metadata,
    Column("incident", ForeignKey("incidents.id"), primary_key=True),
    Column("step", String(96), primary_key=True),
    Column("role", String(64), primary_key=True),
    # one decision of the escalation: this role is to be reached in this step
    Column("at", Utc, nullable=False),
    Column("people", Integer, nullable=False),
    # 0: nobody was on duty, also no stand-in; it is tried again and counts as pending
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("incident", ForeignKey("incidents.id"), nullable=False),
    Column("kind", String(16), nullable=False),  # alert, update
    Column("step", String(96), nullable=False),
    Column("role", String(64), nullable=False),
    Column("target", String(64), nullable=False),  # a person of the roster
    Column("target_name", String(128), nullable=False),
    Column("reach", String(32), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("address", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("repeat", Boolean, nullable=False),
    # True: an earlier attempt may have arrived; the text says that it is a repeat
    Column("seen", Integer, nullable=False),
    # id of the last timeline entry the target knows of; an update tells what came after
    Column("state", String(16), nullable=False),
    Column("due_at", Utc, nullable=False),
    Column("leased_by", String(96)),
    Column("leased_until", Utc),
    Column("queued_at", Utc, nullable=False),
    Column("started_at", Utc),
    Column("finished_at", Utc),
    Column("reference", String(128)),
    Column("reason", Text),
    UniqueConstraint("incident", "step", "target", "channel", "attempt"),
    Index("ix_outbox_state_due_at", "state", "due_at"),
    Index("ix_outbox_channel_reference", "channel", "reference"),
    sqlite_autoincrement=True,
)

desk_messages = Table(
    "desk_messages",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("incident", ForeignKey("incidents.id"), nullable=False, index=True),
    Column("channel", String(32), nullable=False),
    Column("person", String(128), nullable=False),
    Column("phone", String(64), nullable=False),
    Column("short", Text, nullable=False),
    Column("card", Text, nullable=False),
    Column("rang_at", Utc, nullable=False),
    Column("acknowledge_at", Utc),
    Column("acknowledged_at", Utc),
    sqlite_autoincrement=True,
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("part", String(64), primary_key=True),
    Column("at", Utc, nullable=False),
)

roster_editions = Table(
    "roster_editions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Utc, nullable=False),
    Column("source", String(256), nullable=False),
    Column("text", Text, nullable=False),
    sqlite_autoincrement=True,
)
