"""Tags and which records carry them; what was done with many records at once, exports."""

from alembic import op

from migrations import journal

revision = "0010"
down_revision = "0009"


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

CREATE TABLE bulk_changes (
  id uuid CONSTRAINT pk_bulk_changes PRIMARY KEY, created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL, version integer NOT NULL, deleted_at timestamptz,
  entity varchar NOT NULL, action varchar NOT NULL, argument varchar NOT NULL, wanted jsonb NOT NULL,
  state varchar(40) NOT NULL, total integer NOT NULL, done integer NOT NULL, changed integer NOT NULL,
  place varchar,
  author_id uuid CONSTRAINT fk_bulk_changes_author_id REFERENCES users (id));
CREATE INDEX ix_bulk_changes_latest ON bulk_changes (created_at, id);
CREATE TABLE bulk_chunks (
  id uuid CONSTRAINT pk_bulk_chunks PRIMARY KEY, created_at timestamptz NOT NULL,
  bulk_change_id uuid NOT NULL CONSTRAINT fk_bulk_chunks_bulk_change_id REFERENCES bulk_changes (id),
  record_ids uuid[] NOT NULL, undone boolean NOT NULL);
CREATE INDEX ix_bulk_chunks_bulk_change_id ON bulk_chunks (bulk_change_id);

CREATE TABLE exports (
  id uuid CONSTRAINT pk_exports PRIMARY KEY, created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL, version integer NOT NULL, deleted_at timestamptz,
  entity varchar NOT NULL, format varchar(40) NOT NULL, locale varchar NOT NULL, wanted jsonb NOT NULL,
  state varchar(40) NOT NULL, total integer NOT NULL,
  file_id uuid CONSTRAINT fk_exports_file_id REFERENCES files (id),
  author_id uuid CONSTRAINT fk_exports_author_id REFERENCES users (id));
CREATE INDEX ix_exports_latest ON exports (created_at, id);
"""
    )
    op.execute(
        journal.watch(
            ["tags", "taggings", "bulk_changes", "exports"], json={"bulk_changes": ["wanted"], "exports": ["wanted"]}
        )
    )
