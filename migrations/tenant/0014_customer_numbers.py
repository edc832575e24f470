"""Customer numbers of contacts and companies; why a list could not be read."""

from alembic import op

from migrations import journal

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute(
        """
ALTER TABLE imports ADD COLUMN refusal varchar NOT NULL DEFAULT '';
ALTER TABLE contacts ADD COLUMN number varchar COLLATE "C";
ALTER TABLE companies ADD COLUMN number varchar COLLATE "C";
CREATE UNIQUE INDEX ix_contacts_number ON contacts (number) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX ix_companies_number ON companies (number) WHERE deleted_at IS NULL;
"""
    )
    op.execute(journal.watch(["imports", "contacts", "companies"], json={"imports": ["mapping", "headings", "sheets"]}))
