"""Notes and calls, and the records that they are about."""

from alembic import op

from migrations import journal

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute(
        """
CREATE TABLE activities (
  id uuid CONSTRAINT pk_activities PRIMARY KEY, created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL, version integer NOT NULL, deleted_at timestamptz,
  kind varchar(40) NOT NULL, at timestamptz NOT NULL, body varchar NOT NULL,
  author_id uuid CONSTRAINT fk_activities_author_id REFERENCES users (id));
CREATE INDEX ix_activities_latest ON activities (at, id) WHERE deleted_at IS NULL;

-- record_id has no foreign key: an activity can be about a record of any kind.
CREATE TABLE links (
  id uuid CONSTRAINT pk_links PRIMARY KEY, created_at timestamptz NOT NULL,
  activity_id uuid NOT NULL CONSTRAINT fk_links_activity_id REFERENCES activities (id),
  kind varchar NOT NULL, record_id uuid NOT NULL, at timestamptz NOT NULL,
  CONSTRAINT uq_links_activity_id_record_id UNIQUE (activity_id, record_id));
CREATE INDEX ix_links_record_id_at ON links (record_id, at, activity_id);
"""
    )
    op.execute(journal.watch(["activities", "links"]))
