"""Views of lists under a name, and how each user looks at each list."""

from alembic import op

from migrations import journal

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute(
        """
CREATE TABLE views (
  id uuid CONSTRAINT pk_views PRIMARY KEY, created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL, version integer NOT NULL, deleted_at timestamptz,
  entity varchar NOT NULL, name varchar NOT NULL,
  owner_id uuid NOT NULL CONSTRAINT fk_views_owner_id REFERENCES users (id),
  shared boolean NOT NULL, address jsonb NOT NULL);
CREATE INDEX ix_views_entity ON views (entity) WHERE deleted_at IS NULL;

CREATE TABLE list_habits (
  id uuid CONSTRAINT pk_list_habits PRIMARY KEY, created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL, version integer NOT NULL, deleted_at timestamptz,
  user_id uuid NOT NULL CONSTRAINT fk_list_habits_user_id REFERENCES users (id),
  entity varchar NOT NULL, columns jsonb NOT NULL,
  view_id uuid CONSTRAINT fk_list_habits_view_id REFERENCES views (id),
  CONSTRAINT uq_list_habits_user_id_entity UNIQUE (user_id, entity));
"""
    )
    op.execute(journal.watch(["views", "list_habits"], json={"views": ["address"], "list_habits": ["columns"]}))
