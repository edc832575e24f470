"""Second factors: apps that make codes, passkeys, recovery codes; and which roles of a firm need one.

Versions that know nothing of it let people in by their password alone.
"""

from alembic import op

revision = "0016"
down_revision = "0015"


def _owner(table: str) -> str:
    """Either a person's or an operator's."""
    return f"""
  identity_id uuid CONSTRAINT fk_{table}_identity_id REFERENCES platform.identities (id) ON DELETE CASCADE,
  operator_id uuid CONSTRAINT fk_{table}_operator_id REFERENCES platform.operators (id) ON DELETE CASCADE,
  CONSTRAINT ck_{table}_owner CHECK (num_nonnulls(identity_id, operator_id) = 1)"""


def _indexes(table: str) -> str:
    return "".join(
        f"CREATE INDEX ix_{table}_{column} ON platform.{table} ({column});" for column in ("identity_id", "operator_id")
    )


def upgrade() -> None:
    op.execute(
        f"""
CREATE TABLE platform.authenticators (
  id uuid CONSTRAINT pk_authenticators PRIMARY KEY, created_at timestamptz NOT NULL,
  kind varchar(40) NOT NULL, name varchar NOT NULL, secret bytea NOT NULL,
  credential_id bytea CONSTRAINT uq_authenticators_credential_id UNIQUE,
  counter bigint NOT NULL DEFAULT 0, used_at timestamptz, {_owner("authenticators")});
{_indexes("authenticators")}

CREATE TABLE platform.recovery_codes (
  id uuid CONSTRAINT pk_recovery_codes PRIMARY KEY, created_at timestamptz NOT NULL,
  code_hash bytea NOT NULL CONSTRAINT uq_recovery_codes_code_hash UNIQUE,
  used_at timestamptz, {_owner("recovery_codes")});
{_indexes("recovery_codes")}

CREATE TABLE platform.login_steps (
  id uuid CONSTRAINT pk_login_steps PRIMARY KEY, created_at timestamptz NOT NULL,
  token_hash bytea NOT NULL CONSTRAINT uq_login_steps_token_hash UNIQUE, purpose varchar(40) NOT NULL,
  secret bytea, expires_at timestamptz NOT NULL, {_owner("login_steps")});
{_indexes("login_steps")}

ALTER TABLE platform.sessions ADD COLUMN proved_at timestamptz,
  ADD COLUMN second_factor boolean NOT NULL DEFAULT false;
ALTER TABLE platform.tenants ADD COLUMN second_factor_for varchar[] NOT NULL DEFAULT '{{}}';
"""
    )
