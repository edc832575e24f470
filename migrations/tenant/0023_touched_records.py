"""Imports: which records a chunk was about, found without reading all that it remembers."""

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.execute("ALTER TABLE import_chunks ADD COLUMN record_ids uuid[] NOT NULL DEFAULT '{}'")
