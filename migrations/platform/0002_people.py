"""Invitations, changes of address, and what a person's own page shows.

Versions that know nothing of the new columns go on writing rows: each has a default.
"""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute(
        """
ALTER TABLE platform.identities ADD COLUMN time_format varchar NOT NULL DEFAULT 'auto';
ALTER TABLE platform.sessions ADD COLUMN device varchar NOT NULL DEFAULT '', ADD COLUMN used_on date;
ALTER TABLE platform.memberships ADD COLUMN seen_on date;

CREATE TABLE platform.invitations (
  id uuid CONSTRAINT pk_invitations PRIMARY KEY, created_at timestamptz NOT NULL,
  tenant_id uuid NOT NULL CONSTRAINT fk_invitations_tenant_id REFERENCES platform.tenants (id),
  email varchar NOT NULL, name varchar NOT NULL, role varchar(40) NOT NULL,
  token_hash bytea NOT NULL CONSTRAINT uq_invitations_token_hash UNIQUE,
  expires_at timestamptz NOT NULL,
  membership_id uuid CONSTRAINT fk_invitations_membership_id REFERENCES platform.memberships (id) ON DELETE SET NULL,
  accepted_at timestamptz,
  CONSTRAINT uq_invitations_tenant_id_email UNIQUE (tenant_id, email));

CREATE TABLE platform.email_changes (
  id uuid CONSTRAINT pk_email_changes PRIMARY KEY, created_at timestamptz NOT NULL,
  identity_id uuid NOT NULL CONSTRAINT uq_email_changes_identity_id UNIQUE
    CONSTRAINT fk_email_changes_identity_id REFERENCES platform.identities (id) ON DELETE CASCADE,
  email varchar NOT NULL,
  token_hash bytea NOT NULL CONSTRAINT uq_email_changes_token_hash UNIQUE,
  expires_at timestamptz NOT NULL, applied_at timestamptz);
"""
    )
