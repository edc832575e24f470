-- The same rows in tables as a hand would write them: no journal, the best index for each query.
DROP SCHEMA IF EXISTS floor CASCADE;
CREATE SCHEMA floor;
SET search_path = floor, ext;

CREATE TABLE tenants (slug text PRIMARY KEY, pg_schema text NOT NULL, trial_ends_at timestamptz NOT NULL);
INSERT INTO tenants VALUES ('bench', 'floor', now() + interval '30 days');
CREATE TABLE sessions (token text PRIMARY KEY, user_name text NOT NULL);

CREATE TABLE companies AS SELECT id, name, industry, sort_key, search_text, updated_at FROM __source__.companies;
ALTER TABLE companies ADD PRIMARY KEY (id);
CREATE INDEX ON companies (updated_at);

CREATE TABLE contacts AS
  SELECT c.id, salutation, title, given_name, family_name, display_name, sort_key, search_text, updated_at, version
  FROM __source__.contacts c;
ALTER TABLE contacts ADD PRIMARY KEY (id);
CREATE INDEX ON contacts (sort_key, id);
CREATE INDEX ON contacts (updated_at);
CREATE INDEX ON contacts USING gin (search_text ext.gin_trgm_ops);

CREATE TABLE points AS
  SELECT id, contact_id, kind, label, value, normalised, street, postal_code, city, position
  FROM __source__.contact_points WHERE contact_id IS NOT NULL;
ALTER TABLE points ADD PRIMARY KEY (id);
CREATE INDEX ON points (contact_id, position);

CREATE TABLE affiliations AS SELECT id, contact_id, company_id, role FROM __source__.affiliations;
ALTER TABLE affiliations ADD PRIMARY KEY (id);
CREATE INDEX ON affiliations (contact_id);

CREATE TABLE activities AS
  SELECT a.id, l.record_id AS contact_id, a.kind, a.at, a.body, 'Ada Owner'::text AS author
  FROM __source__.activities a JOIN __source__.links l ON l.activity_id = a.id;
ALTER TABLE activities ADD PRIMARY KEY (id);
CREATE INDEX ON activities (contact_id, at DESC);
CREATE INDEX ON activities (at DESC);

CREATE TABLE changes AS
  SELECT id, record_id AS contact_id, at, op, old, new, 'Ada Owner'::text AS author
  FROM __source__.change WHERE table_name = 'contacts';
ALTER TABLE changes ADD PRIMARY KEY (id);
CREATE INDEX ON changes (contact_id, at DESC);
