"""Imports: whether somebody comes in whose e-mail address somebody else has."""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.execute("ALTER TABLE imports ADD COLUMN takes_shared boolean NOT NULL DEFAULT false")
