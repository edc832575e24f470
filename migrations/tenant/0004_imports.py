"""Imports: one row an import, one row a refused line."""

from alembic import op

from migrations import journal

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute(
        """
CREATE TABLE imports (
  id uuid CONSTRAINT pk_imports PRIMARY KEY, created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL, version integer NOT NULL, deleted_at timestamptz,
  file_id uuid NOT NULL CONSTRAINT fk_imports_file_id REFERENCES files (id),
  entity varchar NOT NULL, locale varchar NOT NULL, state varchar(40) NOT NULL, mapping jsonb NOT NULL,
  total integer NOT NULL, done integer NOT NULL, created integer NOT NULL, refused integer NOT NULL,
  position bigint NOT NULL, finished_at timestamptz,
  author_id uuid CONSTRAINT fk_imports_author_id REFERENCES users (id));

CREATE TABLE import_refusals (
  id uuid CONSTRAINT pk_import_refusals PRIMARY KEY, created_at timestamptz NOT NULL,
  import_id uuid NOT NULL CONSTRAINT fk_import_refusals_import_id REFERENCES imports (id),
  line integer NOT NULL, reasons jsonb NOT NULL, cells jsonb NOT NULL);
CREATE INDEX ix_import_refusals_import_id_line ON import_refusals (import_id, line);
"""
    )
    op.execute(journal.watch(["imports"]))
