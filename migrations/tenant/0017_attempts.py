"""Attempts: jobs are claimed by a process, with a lease, before they run.

Versions that know nothing of it take a job whose lease has ended, as any that is due.
"""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute("ALTER TABLE jobs ADD claimed_by varchar, ALTER due_at DROP NOT NULL")
