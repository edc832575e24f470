"""The platform: tenants, identities, sign-ups, mails, subscriptions."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute(
        """
CREATE TABLE platform.tenants (
  id uuid CONSTRAINT pk_tenants PRIMARY KEY, created_at timestamptz NOT NULL,
  slug varchar CONSTRAINT uq_tenants_slug UNIQUE, name varchar NOT NULL,
  pg_schema varchar NOT NULL CONSTRAINT uq_tenants_pg_schema UNIQUE, cell varchar NOT NULL,
  status varchar(40) NOT NULL, timezone varchar NOT NULL, locale varchar NOT NULL,
  country varchar NOT NULL, revision varchar NOT NULL,
  migration_error varchar, opened_at timestamptz);
CREATE INDEX ix_tenants_stock ON platform.tenants (created_at) WHERE status = 'stock';

CREATE TABLE platform.identities (
  id uuid CONSTRAINT pk_identities PRIMARY KEY, created_at timestamptz NOT NULL,
  email varchar NOT NULL CONSTRAINT uq_identities_email UNIQUE, name varchar NOT NULL,
  password_hash varchar NOT NULL, locale varchar NOT NULL, theme varchar NOT NULL);

CREATE TABLE platform.memberships (
  id uuid CONSTRAINT pk_memberships PRIMARY KEY, created_at timestamptz NOT NULL,
  tenant_id uuid NOT NULL CONSTRAINT fk_memberships_tenant_id REFERENCES platform.tenants (id),
  identity_id uuid NOT NULL CONSTRAINT fk_memberships_identity_id REFERENCES platform.identities (id),
  role varchar(40) NOT NULL, active boolean NOT NULL,
  CONSTRAINT uq_memberships_tenant_id_identity_id UNIQUE (tenant_id, identity_id));
CREATE INDEX ix_memberships_identity_id ON platform.memberships (identity_id);

CREATE TABLE platform.sessions (
  id uuid CONSTRAINT pk_sessions PRIMARY KEY, created_at timestamptz NOT NULL,
  token_hash bytea NOT NULL CONSTRAINT uq_sessions_token_hash UNIQUE,
  identity_id uuid NOT NULL CONSTRAINT fk_sessions_identity_id REFERENCES platform.identities (id),
  expires_at timestamptz NOT NULL);
CREATE INDEX ix_sessions_identity_id ON platform.sessions (identity_id);

CREATE TABLE platform.password_resets (
  id uuid CONSTRAINT pk_password_resets PRIMARY KEY, created_at timestamptz NOT NULL,
  token_hash bytea NOT NULL CONSTRAINT uq_password_resets_token_hash UNIQUE,
  identity_id uuid NOT NULL CONSTRAINT fk_password_resets_identity_id REFERENCES platform.identities (id),
  expires_at timestamptz NOT NULL, used_at timestamptz);

CREATE TABLE platform.mails (
  id uuid CONSTRAINT pk_mails PRIMARY KEY, created_at timestamptz NOT NULL,
  recipient varchar NOT NULL, subject varchar NOT NULL, body varchar NOT NULL, state varchar(40) NOT NULL,
  attempts integer NOT NULL, due_at timestamptz NOT NULL, error varchar);
CREATE INDEX ix_mails_due ON platform.mails (due_at) WHERE state IN ('pending', 'sending');

CREATE TABLE platform.signups (
  id uuid CONSTRAINT pk_signups PRIMARY KEY, created_at timestamptz NOT NULL,
  token_hash bytea NOT NULL CONSTRAINT uq_signups_token_hash UNIQUE,
  firm varchar NOT NULL, slug varchar NOT NULL, name varchar NOT NULL, email varchar NOT NULL,
  password_hash varchar NOT NULL, locale varchar NOT NULL, step varchar(40) NOT NULL,
  tenant_id uuid CONSTRAINT fk_signups_tenant_id REFERENCES platform.tenants (id),
  expires_at timestamptz NOT NULL);

CREATE TABLE platform.subscriptions (
  id uuid CONSTRAINT pk_subscriptions PRIMARY KEY, created_at timestamptz NOT NULL,
  tenant_id uuid NOT NULL CONSTRAINT uq_subscriptions_tenant_id UNIQUE
    CONSTRAINT fk_subscriptions_tenant_id REFERENCES platform.tenants (id),
  plan varchar NOT NULL, state varchar(40) NOT NULL, trial_ends_at timestamptz NOT NULL);

-- Which tenants have work. A tenant may only say "I have": the role is filled in and cannot be forged.
CREATE TABLE platform.outbox (
  id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_outbox PRIMARY KEY,
  role name NOT NULL DEFAULT current_user, note varchar NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp())
  WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
GRANT INSERT (note) ON platform.outbox TO kontor_tenant;

-- How far the clock of a test has travelled. Empty, and never read, outside tests.
CREATE TABLE platform.clock_offset (seconds bigint NOT NULL);
"""
    )
