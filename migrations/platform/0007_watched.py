"""What waits in each tenant by lane, the errors of its requests, and which tenants are migrated first.

Older versions write and read none of it.
"""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute(
        """
ALTER TABLE platform.tenants ADD canary boolean NOT NULL DEFAULT false;

ALTER TABLE platform.tenant_figures
  ADD changes_waiting integer NOT NULL DEFAULT 0,
  ADD jobs_since timestamptz,
  ADD mails_waiting integer NOT NULL DEFAULT 0, ADD mails_since timestamptz,
  ADD webhooks_waiting integer NOT NULL DEFAULT 0, ADD webhooks_since timestamptz,
  ADD errors integer NOT NULL DEFAULT 0,
  ADD failed_job varchar, ADD failed_job_at timestamptz;

CREATE TABLE platform.request_errors (
  id uuid CONSTRAINT pk_request_errors PRIMARY KEY, created_at timestamptz NOT NULL,
  tenant_id uuid NOT NULL CONSTRAINT fk_request_errors_tenant_id REFERENCES platform.tenants (id) ON DELETE CASCADE,
  hour timestamptz NOT NULL, kind varchar NOT NULL, route varchar NOT NULL,
  number integer NOT NULL, last_at timestamptz NOT NULL,
  CONSTRAINT uq_request_errors_tenant_id_hour_kind_route UNIQUE (tenant_id, hour, kind, route));
"""
    )
