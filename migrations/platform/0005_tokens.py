"""Tokens with which programs work as a user of one tenant."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute(
        """
CREATE TABLE platform.api_tokens (
  id uuid CONSTRAINT pk_api_tokens PRIMARY KEY, created_at timestamptz NOT NULL,
  membership_id uuid NOT NULL
    CONSTRAINT fk_api_tokens_membership_id REFERENCES platform.memberships (id) ON DELETE CASCADE,
  name varchar NOT NULL, prefix varchar NOT NULL CONSTRAINT uq_api_tokens_prefix UNIQUE,
  secret_hash bytea NOT NULL, scopes varchar[] NOT NULL, expires_at timestamptz, used_at timestamptz);
CREATE INDEX ix_api_tokens_membership_id ON platform.api_tokens (membership_id);
"""
    )
