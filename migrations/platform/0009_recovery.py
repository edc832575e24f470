"""The old address can stop a new one; no tokens are left of whoever was sent away.

Versions that know nothing of it write neither; a change of address that they ask for can only expire.
"""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute(
        """
ALTER TABLE platform.email_changes
  ADD stop_hash bytea CONSTRAINT uq_email_changes_stop_hash UNIQUE;

DELETE FROM platform.api_tokens USING platform.memberships
WHERE memberships.id = api_tokens.membership_id AND NOT memberships.active;
"""
    )
