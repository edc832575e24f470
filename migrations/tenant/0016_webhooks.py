"""Webhooks: whom to tell of changes by HTTP, the secrets with which it is signed, and how their addresses answer."""

from alembic import op

from migrations import journal

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute(
        """
CREATE TABLE webhooks (
  id uuid CONSTRAINT pk_webhooks PRIMARY KEY, created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL, version integer NOT NULL, deleted_at timestamptz,
  name varchar NOT NULL, address varchar NOT NULL, kinds jsonb NOT NULL, events jsonb NOT NULL,
  active boolean NOT NULL, stopped_at timestamptz);

CREATE TABLE webhook_secrets (
  id uuid CONSTRAINT pk_webhook_secrets PRIMARY KEY, created_at timestamptz NOT NULL,
  webhook_id uuid NOT NULL CONSTRAINT fk_webhook_secrets_webhook_id REFERENCES webhooks (id),
  secret bytea NOT NULL, until timestamptz);
CREATE INDEX ix_webhook_secrets_webhook_id ON webhook_secrets (webhook_id);

CREATE TABLE webhook_failures (
  id uuid CONSTRAINT pk_webhook_failures PRIMARY KEY
    CONSTRAINT fk_webhook_failures_id REFERENCES webhooks (id),
  since timestamptz NOT NULL, times integer NOT NULL);

ALTER TABLE deliveries ADD COLUMN answer integer;
CREATE INDEX ix_deliveries_channel_due_at ON deliveries (channel, due_at) WHERE due_at IS NOT NULL;
DROP INDEX ix_deliveries_due_at;
CREATE INDEX ix_deliveries_target_created_at ON deliveries (target, created_at) WHERE target <> '';
"""
    )
    op.execute(journal.watch(["webhooks"], json={"webhooks": ["kinds", "events"]}))
