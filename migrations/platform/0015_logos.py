"""The logo of a firm. Versions that know nothing of it show the first letter of its name."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute("ALTER TABLE platform.tenants ADD COLUMN logo_id uuid")
