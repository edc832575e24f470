"""The log-ins of the last weeks, right and wrong.

Versions that know nothing of it write none.
"""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute(
        """
CREATE TABLE platform.logins (
  id uuid CONSTRAINT pk_logins PRIMARY KEY, created_at timestamptz NOT NULL,
  identity_id uuid NOT NULL
    CONSTRAINT fk_logins_identity_id REFERENCES platform.identities (id) ON DELETE CASCADE,
  succeeded boolean NOT NULL, address varchar NOT NULL, device varchar NOT NULL);
CREATE INDEX ix_logins_identity_id_created_at ON platform.logins (identity_id, created_at);
CREATE INDEX ix_logins_created_at ON platform.logins (created_at);
"""
    )
