"""Of what a deadline came: levels of what one thing brought at once are told as one."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.execute("ALTER TABLE deadlines ADD COLUMN occasion varchar NOT NULL DEFAULT ''")
