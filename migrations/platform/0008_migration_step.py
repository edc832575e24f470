"""How far the steps of a tenant's migration have come that fit into no transaction. Older versions write none of it."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("ALTER TABLE platform.tenants ADD migration_step integer;")
