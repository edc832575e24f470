"""Operators, what they did, suspension, and the figures of each tenant that they look at.

Versions that know nothing of it leave it alone; a suspended tenant is one that they do not let in.
"""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute(
        """
ALTER TABLE platform.tenants ADD suspended_at timestamptz, ADD suspended_for varchar;

CREATE TABLE platform.operators (
  id uuid CONSTRAINT pk_operators PRIMARY KEY, created_at timestamptz NOT NULL,
  email varchar NOT NULL CONSTRAINT uq_operators_email UNIQUE, name varchar NOT NULL,
  password_hash varchar NOT NULL, active boolean NOT NULL);

CREATE TABLE platform.operator_sessions (
  id uuid CONSTRAINT pk_operator_sessions PRIMARY KEY, created_at timestamptz NOT NULL,
  token_hash bytea NOT NULL CONSTRAINT uq_operator_sessions_token_hash UNIQUE,
  operator_id uuid NOT NULL CONSTRAINT fk_operator_sessions_operator_id REFERENCES platform.operators (id),
  expires_at timestamptz NOT NULL);
CREATE INDEX ix_operator_sessions_operator_id ON platform.operator_sessions (operator_id);

-- What was done stays written down: the platform's login adds to it and reads it. Nothing refers to others, so that
-- it outlives them.
CREATE TABLE platform.operator_audit (
  id uuid CONSTRAINT pk_operator_audit PRIMARY KEY, created_at timestamptz NOT NULL,
  operator_id uuid, who varchar NOT NULL, act varchar(40) NOT NULL, tenant_id uuid,
  reason varchar NOT NULL, address varchar NOT NULL);
CREATE INDEX ix_operator_audit_tenant_id_id ON platform.operator_audit (tenant_id, id);
REVOKE UPDATE, DELETE, TRUNCATE ON platform.operator_audit FROM kontor_platform;

CREATE TABLE platform.tenant_figures (
  id uuid CONSTRAINT pk_tenant_figures PRIMARY KEY, created_at timestamptz NOT NULL,
  tenant_id uuid NOT NULL CONSTRAINT uq_tenant_figures_tenant_id UNIQUE
    CONSTRAINT fk_tenant_figures_tenant_id REFERENCES platform.tenants (id),
  taken_at timestamptz NOT NULL, active_at timestamptz, waiting_since timestamptz,
  users bigint, records bigint, storage bigint, transferred bigint NOT NULL,
  jobs_pending integer NOT NULL, jobs_failed integer NOT NULL, deliveries_dead integer NOT NULL,
  trouble integer NOT NULL);
"""
    )
