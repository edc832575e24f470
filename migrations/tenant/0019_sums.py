"""Notifications that tell of many records at once, by what a person did; jobs know the request that began them."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute(
        """
ALTER TABLE jobs ADD COLUMN request varchar NOT NULL DEFAULT '';

ALTER TABLE notifications
  ADD COLUMN occasion varchar NOT NULL DEFAULT '',
  ADD COLUMN number integer NOT NULL DEFAULT 1,
  ADD COLUMN led_by varchar NOT NULL DEFAULT '',
  ADD COLUMN led_by_id uuid;
CREATE INDEX ix_notifications_occasion ON notifications (occasion) WHERE occasion <> '';

CREATE TABLE told_records (
  id uuid CONSTRAINT pk_told_records PRIMARY KEY, created_at timestamptz NOT NULL,
  notification_id uuid NOT NULL
    CONSTRAINT fk_told_records_notification_id REFERENCES notifications (id) ON DELETE CASCADE,
  subject varchar NOT NULL, record_id uuid NOT NULL,
  CONSTRAINT uq_told_records_notification_id_record_id UNIQUE (notification_id, record_id));
"""
    )
