"""What the interface for programs answered once and answers again to the same question."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute(
        """
CREATE TABLE kept_answers (
  id uuid CONSTRAINT pk_kept_answers PRIMARY KEY, created_at timestamptz NOT NULL,
  token_id uuid NOT NULL, key varchar NOT NULL, fingerprint bytea NOT NULL,
  status integer, body varchar, etag varchar, location varchar,
  CONSTRAINT uq_kept_answers_token_id_key UNIQUE (token_id, key));
CREATE INDEX ix_kept_answers_created_at ON kept_answers (created_at);
"""
    )
