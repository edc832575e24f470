"""A contact point has one owner, so it needs an entry in one index only."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for owner in ("contact_id", "company_id"):
        op.execute(
            f"""
DROP INDEX ix_contact_points_{owner};
CREATE INDEX ix_contact_points_{owner} ON contact_points ({owner}) WHERE {owner} IS NOT NULL;
"""
        )
