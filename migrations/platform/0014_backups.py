"""The end of a firm, and users of a firm that is the copy of another.

Versions that know nothing of it neither close nor copy firms; they read the users of a copy as people without a place
there.
"""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute(
        """
ALTER TABLE platform.tenants ADD COLUMN closed_at timestamptz, ADD COLUMN erased_at timestamptz,
  ADD COLUMN backed_up_at timestamptz;
ALTER TABLE platform.memberships ADD COLUMN copied_from uuid;
"""
    )
