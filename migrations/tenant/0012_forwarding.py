"""Forwarding: who takes up changes, by which rules, whom it tells, until when somebody must act."""

from alembic import op

from migrations import journal

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute(
        """
-- What happened before anybody forwarded anything is old news.
DELETE FROM unrouted;
CREATE INDEX ix_unrouted_at_id ON unrouted (at, id);
ALTER TABLE unrouted SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE routed (
  id uuid CONSTRAINT pk_routed PRIMARY KEY,
  position bigint NOT NULL CONSTRAINT uq_routed_position UNIQUE);
CREATE TABLE router (id uuid CONSTRAINT pk_router PRIMARY KEY, position bigint NOT NULL);
INSERT INTO router (id, position) VALUES (ext.new_id(), 0);

-- What one statement changed may be more than a turn takes up: the rest of it, in pieces of a turn each.
CREATE TABLE leftovers (
  id uuid CONSTRAINT pk_leftovers PRIMARY KEY, at timestamptz NOT NULL, changes uuid[] NOT NULL);

CREATE TABLE rules (
  id uuid CONSTRAINT pk_rules PRIMARY KEY, created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL, version integer NOT NULL, deleted_at timestamptz,
  name varchar NOT NULL, replaces varchar CONSTRAINT uq_rules_replaces UNIQUE,
  active boolean NOT NULL, definition jsonb NOT NULL, problem varchar);

CREATE TABLE business_hours (
  id uuid CONSTRAINT pk_business_hours PRIMARY KEY, created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL, version integer NOT NULL, deleted_at timestamptz,
  week jsonb NOT NULL, region varchar NOT NULL, exceptions jsonb NOT NULL);

CREATE TABLE deadlines (
  id uuid CONSTRAINT pk_deadlines PRIMARY KEY, created_at timestamptz NOT NULL,
  rule varchar NOT NULL, subject varchar NOT NULL, record_id uuid NOT NULL,
  began_at timestamptz NOT NULL, level integer NOT NULL, due_at timestamptz,
  CONSTRAINT uq_deadlines_rule_record_id UNIQUE (rule, record_id));
CREATE INDEX ix_deadlines_due_at ON deadlines (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX ix_deadlines_record_id ON deadlines (record_id);

CREATE TABLE notifications (
  id uuid CONSTRAINT pk_notifications PRIMARY KEY, created_at timestamptz NOT NULL,
  key varchar NOT NULL CONSTRAINT uq_notifications_key UNIQUE,
  user_id uuid NOT NULL CONSTRAINT fk_notifications_user_id REFERENCES users (id),
  rule varchar NOT NULL, reason varchar NOT NULL, event varchar(40) NOT NULL, level integer NOT NULL,
  subject varchar NOT NULL, record_id uuid NOT NULL, title varchar NOT NULL,
  change_id uuid, actor_id uuid, at timestamptz NOT NULL, read_at timestamptz);
CREATE INDEX ix_notifications_user_id_at_id ON notifications (user_id, at, id);
CREATE INDEX ix_notifications_unread ON notifications (user_id) WHERE read_at IS NULL;
CREATE INDEX ix_notifications_record_id ON notifications (record_id);

CREATE TABLE deliveries (
  id uuid CONSTRAINT pk_deliveries PRIMARY KEY, created_at timestamptz NOT NULL,
  key varchar NOT NULL CONSTRAINT uq_deliveries_key UNIQUE,
  channel varchar(40) NOT NULL, notification_id uuid
    CONSTRAINT fk_deliveries_notification_id REFERENCES notifications (id),
  user_id uuid CONSTRAINT fk_deliveries_user_id REFERENCES users (id),
  target varchar NOT NULL, payload jsonb,
  state varchar(40) NOT NULL, attempts integer NOT NULL, due_at timestamptz, claimed_by varchar,
  sent_at timestamptz, error varchar);
CREATE INDEX ix_deliveries_due_at ON deliveries (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX ix_deliveries_notification_id ON deliveries (notification_id);
"""
    )
    json = {"rules": ["definition"], "business_hours": ["week", "exceptions"]}
    op.execute(journal.watch(["rules", "business_hours"], json=json))
