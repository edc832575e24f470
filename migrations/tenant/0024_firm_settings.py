"""Who the firm is. Versions that know nothing of it neither read nor write the table."""

from alembic import op

from migrations import journal

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.execute(
        """
CREATE TABLE firm_settings (
  id uuid CONSTRAINT pk_firm_settings PRIMARY KEY, created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL, version integer NOT NULL, deleted_at timestamptz,
  name varchar NOT NULL, legal_form varchar, street varchar, postal_code varchar, city varchar,
  vat_id varchar, tax_number varchar, iban varchar,
  country varchar NOT NULL, timezone varchar NOT NULL, locale varchar NOT NULL,
  upload_id uuid CONSTRAINT fk_firm_settings_upload_id REFERENCES files (id),
  logo_id uuid CONSTRAINT fk_firm_settings_logo_id REFERENCES files (id), logo_is_unreadable boolean NOT NULL);
"""
    )
    op.execute(journal.watch(["firm_settings"]))
