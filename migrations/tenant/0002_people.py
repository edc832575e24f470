"""Contacts, companies, how to reach them, and who works for whom."""

from alembic import op

from migrations import journal

revision = "0002"
down_revision = "0001"

_RECORD = """id uuid CONSTRAINT pk_{table} PRIMARY KEY, created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL, version integer NOT NULL, deleted_at timestamptz"""


def upgrade() -> None:
    op.execute(
        f"""
CREATE TABLE companies (
  {_RECORD.format(table="companies")},
  name varchar NOT NULL, industry varchar,
  sort_key varchar COLLATE "C" NOT NULL, search_text varchar COLLATE "C" NOT NULL);
CREATE INDEX ix_companies_sort ON companies (sort_key, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_companies_search ON companies USING gin (search_text ext.gin_trgm_ops);
CREATE INDEX ix_companies_recent ON companies (updated_at, id) WHERE deleted_at IS NULL;

CREATE TABLE contacts (
  {_RECORD.format(table="contacts")},
  salutation varchar, title varchar, given_name varchar NOT NULL, family_name varchar NOT NULL,
  display_name varchar NOT NULL, sort_key varchar COLLATE "C" NOT NULL,
  own_text varchar COLLATE "C" NOT NULL, beside_text varchar COLLATE "C" NOT NULL,
  search_text varchar COLLATE "C" NOT NULL GENERATED ALWAYS AS (own_text || beside_text) STORED);
CREATE INDEX ix_contacts_sort ON contacts (sort_key, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_contacts_search ON contacts USING gin (search_text ext.gin_trgm_ops);
CREATE INDEX ix_contacts_recent ON contacts (updated_at, id) WHERE deleted_at IS NULL;

CREATE TABLE contact_points (
  {_RECORD.format(table="contact_points")},
  contact_id uuid CONSTRAINT fk_contact_points_contact_id REFERENCES contacts (id),
  company_id uuid CONSTRAINT fk_contact_points_company_id REFERENCES companies (id),
  kind varchar(40) NOT NULL, label varchar(40) NOT NULL, value varchar NOT NULL,
  normalised varchar COLLATE "C" NOT NULL, street varchar, postal_code varchar, city varchar, country varchar,
  position integer NOT NULL, since date, until date,
  CONSTRAINT ck_contact_points_one_owner CHECK (num_nonnulls(contact_id, company_id) = 1));
CREATE INDEX ix_contact_points_contact_id ON contact_points (contact_id);
CREATE INDEX ix_contact_points_company_id ON contact_points (company_id);
CREATE INDEX ix_contact_points_normalised ON contact_points (normalised);

CREATE TABLE affiliations (
  {_RECORD.format(table="affiliations")},
  contact_id uuid NOT NULL CONSTRAINT fk_affiliations_contact_id REFERENCES contacts (id),
  company_id uuid NOT NULL CONSTRAINT fk_affiliations_company_id REFERENCES companies (id),
  role varchar NOT NULL, since date, until date,
  CONSTRAINT ck_affiliations_order CHECK (until > since));
CREATE INDEX ix_affiliations_contact_id ON affiliations (contact_id);
CREATE INDEX ix_affiliations_company_id ON affiliations (company_id);
"""
    )
    op.execute(journal.watch(["companies", "contacts", "contact_points", "affiliations"]))
