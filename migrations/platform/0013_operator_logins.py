"""The log-ins of operators, right and wrong.

Versions that know nothing of it write none.
"""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute(
        """
CREATE TABLE platform.operator_logins (
  id uuid CONSTRAINT pk_operator_logins PRIMARY KEY, created_at timestamptz NOT NULL,
  operator_id uuid NOT NULL
    CONSTRAINT fk_operator_logins_operator_id REFERENCES platform.operators (id) ON DELETE CASCADE,
  succeeded boolean NOT NULL, address varchar NOT NULL, device varchar NOT NULL);
CREATE INDEX ix_operator_logins_operator_id_created_at ON platform.operator_logins (operator_id, created_at);
CREATE INDEX ix_operator_logins_created_at ON platform.operator_logins (created_at);
"""
    )
