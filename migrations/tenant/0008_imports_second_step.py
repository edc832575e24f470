"""Imports, second step: sheets and headings, what is to be done with records that are found, and taking it back."""

from alembic import op

from migrations import journal

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute(
        """
ALTER TABLE imports
  ADD COLUMN headings jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN headings_key varchar NOT NULL DEFAULT '',
  ADD COLUMN way varchar(40) NOT NULL DEFAULT 'new',
  ADD COLUMN updated integer NOT NULL DEFAULT 0,
  ADD COLUMN unchanged integer NOT NULL DEFAULT 0,
  ADD COLUMN sheets jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN sheet varchar NOT NULL DEFAULT '',
  ADD COLUMN source_id uuid CONSTRAINT fk_imports_source_id REFERENCES files (id),
  ADD COLUMN forgotten_at timestamptz,
  ADD COLUMN undo_began_at timestamptz,
  ADD COLUMN undone_at timestamptz,
  ADD COLUMN undone integer NOT NULL DEFAULT 0,
  ADD COLUMN left_alone integer NOT NULL DEFAULT 0;
CREATE INDEX ix_imports_entity_headings_key ON imports (entity, headings_key);

CREATE TABLE import_chunks (
  id uuid CONSTRAINT pk_import_chunks PRIMARY KEY, created_at timestamptz NOT NULL,
  import_id uuid NOT NULL CONSTRAINT fk_import_chunks_import_id REFERENCES imports (id),
  cause varchar NOT NULL, created jsonb NOT NULL, updated jsonb NOT NULL,
  undone_at timestamptz, undo_cause varchar NOT NULL, left_alone jsonb NOT NULL, spared jsonb NOT NULL);
CREATE INDEX ix_import_chunks_import_id ON import_chunks (import_id);
"""
    )
    op.execute(journal.watch(["imports"], json={"imports": ["mapping", "headings", "sheets"]}))
