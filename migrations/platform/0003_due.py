"""When a tenant's next deadline or delivery is due. Versions that know nothing of it leave it empty."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute(
        """
ALTER TABLE platform.tenants ADD next_due_at timestamptz;
CREATE INDEX ix_tenants_due ON platform.tenants (next_due_at) WHERE next_due_at IS NOT NULL;
"""
    )
