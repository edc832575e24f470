"""Mails: who has one at hand, what it is about, and which firm may see it."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute(
        """
ALTER TABLE platform.mails
  ADD COLUMN claimed_by varchar,
  ADD COLUMN about varchar NOT NULL DEFAULT '',
  ADD COLUMN tenant_id uuid
    CONSTRAINT fk_mails_tenant_id REFERENCES platform.tenants (id) ON DELETE CASCADE,
  ALTER COLUMN due_at DROP NOT NULL;
CREATE INDEX ix_mails_about ON platform.mails (about) WHERE about <> '';
CREATE INDEX ix_mails_failed ON platform.mails (created_at) WHERE state = 'failed';
"""
    )
