"""The foundation of every tenant: the journal, users, files, jobs."""

from alembic import op

from migrations import journal

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute(
        """
REVOKE ALL ON alembic_version FROM __schema__;

CREATE TABLE change (
  id uuid CONSTRAINT pk_change PRIMARY KEY, at timestamptz NOT NULL, ord integer NOT NULL,
  xid bigint NOT NULL,
  table_name varchar NOT NULL, record_id uuid NOT NULL, op varchar NOT NULL, old jsonb, new jsonb,
  actor uuid, request varchar, source varchar, cause varchar, depth integer NOT NULL DEFAULT 0);
CREATE INDEX ix_change_record_id_at_ord ON change (record_id, at, ord);
CREATE TABLE unrouted (
  id uuid CONSTRAINT pk_unrouted PRIMARY KEY, at timestamptz NOT NULL, changes uuid[] NOT NULL);
REVOKE INSERT, UPDATE, DELETE ON change FROM __schema__;
REVOKE INSERT, UPDATE ON unrouted FROM __schema__;

CREATE TABLE users (
  id uuid CONSTRAINT pk_users PRIMARY KEY, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  version integer NOT NULL, deleted_at timestamptz,
  name varchar NOT NULL, email varchar NOT NULL, role varchar(40) NOT NULL, active boolean NOT NULL);

CREATE TABLE files (
  id uuid CONSTRAINT pk_files PRIMARY KEY, created_at timestamptz NOT NULL,
  name varchar NOT NULL, size bigint NOT NULL, sha256 varchar NOT NULL);

CREATE TABLE jobs (
  id uuid CONSTRAINT pk_jobs PRIMARY KEY, created_at timestamptz NOT NULL,
  name varchar NOT NULL, arguments jsonb NOT NULL, actor uuid, depth integer NOT NULL,
  state varchar(40) NOT NULL, attempts integer NOT NULL, due_at timestamptz NOT NULL, error varchar);
CREATE INDEX ix_jobs_due ON jobs (due_at) WHERE state = 'pending';
"""
    )
    op.execute(journal.journal_functions())
    op.execute(journal.watch(["users", "files"]))
