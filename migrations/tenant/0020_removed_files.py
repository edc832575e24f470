"""When the bytes of a file were removed: what is left counts against the quota of the firm."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.execute("ALTER TABLE files ADD COLUMN removed_at timestamptz")
