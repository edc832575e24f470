"""Who follows which records."""

from alembic import op

from migrations import journal

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute(
        """
-- record_id has no foreign key: records of any kind can be followed.
CREATE TABLE follows (
  id uuid CONSTRAINT pk_follows PRIMARY KEY, created_at timestamptz NOT NULL,
  user_id uuid NOT NULL CONSTRAINT fk_follows_user_id REFERENCES users (id),
  kind varchar NOT NULL, record_id uuid NOT NULL,
  CONSTRAINT uq_follows_user_id_record_id UNIQUE (user_id, record_id));
CREATE INDEX ix_follows_record_id ON follows (record_id);
"""
    )
    op.execute(journal.watch(["follows"]))
