"""Tasks: activities that somebody is to do by a day; and who is named in an activity's text."""

from alembic import op

from migrations import journal

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute(
        """
ALTER TABLE activities
  ADD assignee_id uuid CONSTRAINT fk_activities_assignee_id REFERENCES users (id),
  ADD due_on date, ADD due_time time, ADD repeats varchar(40), ADD repeat_day integer,
  ADD done_at timestamptz,
  ADD done_by_id uuid CONSTRAINT fk_activities_done_by_id REFERENCES users (id),
  ADD follows_id uuid CONSTRAINT fk_activities_follows_id REFERENCES activities (id);
CREATE INDEX ix_activities_open_tasks ON activities (assignee_id, due_on)
  WHERE kind = 'task' AND done_at IS NULL AND deleted_at IS NULL;
CREATE INDEX ix_activities_done_tasks ON activities (done_at, id) WHERE done_at IS NOT NULL;
CREATE INDEX ix_activities_follows_id ON activities (follows_id) WHERE follows_id IS NOT NULL;

CREATE TABLE mentions (
  id uuid CONSTRAINT pk_mentions PRIMARY KEY, created_at timestamptz NOT NULL,
  activity_id uuid NOT NULL CONSTRAINT fk_mentions_activity_id REFERENCES activities (id),
  user_id uuid NOT NULL CONSTRAINT fk_mentions_user_id REFERENCES users (id),
  read_at timestamptz,
  CONSTRAINT uq_mentions_activity_id_user_id UNIQUE (activity_id, user_id));
CREATE INDEX ix_mentions_user_id_id ON mentions (user_id, id);
"""
    )
    op.execute(journal.watch(["mentions"]))
