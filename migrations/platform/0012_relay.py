"""Whether the relay sleeps. While it does, each mark wakes it up.

It is not woken up with every mark: a transaction with a NOTIFY makes others wait while it commits.
"""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute(
        """
CREATE TABLE platform.relay (is_asleep boolean NOT NULL);
INSERT INTO platform.relay VALUES (false);

-- Whoever leaves a mark may not read the platform.
CREATE FUNCTION platform.wake_relay() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  PERFORM pg_catalog.pg_notify('kontor_relay', '') FROM platform.relay WHERE is_asleep;
  RETURN NULL;
END $$;
CREATE TRIGGER wake_relay AFTER INSERT ON platform.outbox FOR EACH ROW EXECUTE FUNCTION platform.wake_relay();
"""
    )
