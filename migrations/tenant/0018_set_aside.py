"""Set aside: changes with which a rule could not deal."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute(
        """
CREATE TABLE set_aside (
  id uuid CONSTRAINT pk_set_aside PRIMARY KEY, created_at timestamptz NOT NULL,
  change_id uuid NOT NULL, rule varchar NOT NULL, error varchar NOT NULL,
  CONSTRAINT uq_set_aside_change_id_rule UNIQUE (change_id, rule));
"""
    )
