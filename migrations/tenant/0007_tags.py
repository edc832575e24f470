"""Tags, and which records carry them."""

from alembic import op

from tenants import changes

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute(
        """
CREATE TABLE tags (
  id uuid CONSTRAINT pk_tags PRIMARY KEY, created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL, version integer NOT NULL, deleted_at timestamptz,
  name varchar NOT NULL, name_key varchar COLLATE "C" NOT NULL,
  merged_into_id uuid CONSTRAINT fk_tags_merged_into_id REFERENCES tags (id));
CREATE UNIQUE INDEX ix_tags_name_key ON tags (name_key) WHERE deleted_at IS NULL;

-- record_id has no foreign key: a record of any kind can carry a tag.
CREATE TABLE taggings (
  id uuid CONSTRAINT pk_taggings PRIMARY KEY, created_at timestamptz NOT NULL,
  tag_id uuid NOT NULL CONSTRAINT fk_taggings_tag_id REFERENCES tags (id),
  kind varchar NOT NULL, record_id uuid NOT NULL, deleted_at timestamptz,
  merged_from_id uuid CONSTRAINT fk_taggings_merged_from_id REFERENCES tags (id),
  CONSTRAINT uq_taggings_tag_id_record_id UNIQUE (tag_id, record_id));
CREATE INDEX ix_taggings_record_id ON taggings (record_id);
"""
    )
    op.execute(changes.watch(["tags", "taggings"]))
