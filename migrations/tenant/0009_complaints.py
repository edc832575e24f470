"""Complaints, the numbers that people know them by, and files on any record."""

from alembic import op

from migrations import journal

revision = "0009"
down_revision = "0008"

_RECORD = """id uuid CONSTRAINT pk_{table} PRIMARY KEY, created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL, version integer NOT NULL, deleted_at timestamptz"""


def upgrade() -> None:
    op.execute(
        f"""
CREATE TABLE counters (
  id uuid CONSTRAINT pk_counters PRIMARY KEY, created_at timestamptz NOT NULL,
  name varchar NOT NULL, year integer NOT NULL, last integer NOT NULL,
  CONSTRAINT uq_counters_name_year UNIQUE (name, year));

CREATE TABLE complaints (
  {_RECORD.format(table="complaints")},
  number varchar COLLATE "C" NOT NULL CONSTRAINT uq_complaints_number UNIQUE,
  what varchar NOT NULL, details varchar, priority varchar(40) NOT NULL, due timestamptz NOT NULL,
  state varchar(40) NOT NULL,
  contact_id uuid CONSTRAINT fk_complaints_contact_id REFERENCES contacts (id),
  company_id uuid CONSTRAINT fk_complaints_company_id REFERENCES companies (id),
  author_id uuid CONSTRAINT fk_complaints_author_id REFERENCES users (id),
  assignee_id uuid CONSTRAINT fk_complaints_assignee_id REFERENCES users (id),
  acknowledged_by_id uuid CONSTRAINT fk_complaints_acknowledged_by_id REFERENCES users (id),
  acknowledged_at timestamptz,
  settled_by_id uuid CONSTRAINT fk_complaints_settled_by_id REFERENCES users (id),
  settled_at timestamptz, settled_how varchar,
  display_name varchar NOT NULL GENERATED ALWAYS AS (number || ' ' || what) STORED,
  sort_key varchar COLLATE "C" NOT NULL, search_text varchar COLLATE "C" NOT NULL,
  CONSTRAINT ck_complaints_settled CHECK ((state = 'settled') = (settled_at IS NOT NULL)));
CREATE INDEX ix_complaints_sort ON complaints (sort_key, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_complaints_recent ON complaints (updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_complaints_search ON complaints USING gin (search_text ext.gin_trgm_ops);
CREATE INDEX ix_complaints_contact_id ON complaints (contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX ix_complaints_company_id ON complaints (company_id) WHERE company_id IS NOT NULL;
CREATE INDEX ix_complaints_assignee_id ON complaints (assignee_id) WHERE assignee_id IS NOT NULL;

-- record_id has no foreign key: files hang on records of any kind.
CREATE TABLE attachments (
  {_RECORD.format(table="attachments")},
  kind varchar NOT NULL, record_id uuid NOT NULL, name varchar NOT NULL, mime varchar NOT NULL,
  file_id uuid NOT NULL CONSTRAINT fk_attachments_file_id REFERENCES files (id),
  preview_id uuid CONSTRAINT fk_attachments_preview_id REFERENCES files (id),
  author_id uuid CONSTRAINT fk_attachments_author_id REFERENCES users (id));
CREATE INDEX ix_attachments_record_id_created_at ON attachments (record_id, created_at);
"""
    )
    op.execute(journal.watch(["complaints", "attachments"]))
