"""The statements. One for each page where one can do it, each served by an index made for it."""

from __future__ import annotations

ENTER = """
SELECT t.pg_schema, t.trial_ends_at, s.user_name FROM floor.sessions s JOIN floor.tenants t ON t.slug = %s
WHERE s.token = %s"""

# The parts of a list: which contacts, then what stands beside each.
ALL = "SELECT id, display_name, sort_key, updated_at FROM contacts"
ORDER = "ORDER BY sort_key, id LIMIT 51"
LIST = f"WITH page AS ({ALL} {ORDER})"
LIST_AFTER = f"WITH page AS ({ALL} WHERE (sort_key, id) > (%s, %s) {ORDER})"
# Few matches are sorted, many are met on a walk along the order; only one of the halves runs.
FOUND = f"""
WITH hits AS MATERIALIZED ({ALL} WHERE {{wanted}} LIMIT 1001),
page AS (
  (SELECT * FROM hits WHERE (SELECT count(*) FROM hits) <= 1000 {ORDER})
  UNION ALL
  ({ALL} WHERE {{wanted}} AND (SELECT count(*) FROM hits) > 1000 {ORDER}))"""
CELLS = """
SELECT page.id, page.display_name, w.name, p.email, p.phone, p.city, page.updated_at, page.sort_key
FROM page
LEFT JOIN LATERAL (
  SELECT (array_agg(value ORDER BY position) FILTER (WHERE kind = 'email'))[1] AS email,
    (array_agg(value ORDER BY position) FILTER (WHERE kind = 'phone'))[1] AS phone,
    (array_agg(city ORDER BY position) FILTER (WHERE kind = 'address'))[1] AS city
  FROM points WHERE points.contact_id = page.id) p ON true
LEFT JOIN LATERAL (
  SELECT companies.name FROM affiliations JOIN companies ON companies.id = company_id
  WHERE affiliations.contact_id = page.id LIMIT 1) w ON true
ORDER BY page.sort_key, page.id LIMIT 51"""

CONTACT = """
SELECT id, salutation, title, given_name, family_name, display_name, version FROM contacts WHERE id = %s"""
POINTS = """
SELECT id, kind, label, value, normalised, street, postal_code, city FROM points
WHERE contact_id = %s ORDER BY position"""
EMPLOYERS = """
SELECT a.id, a.company_id, c.name, a.role FROM affiliations a JOIN companies c ON c.id = a.company_id
WHERE a.contact_id = %s"""
HISTORY = """
(SELECT at, kind AS op, author, body, NULL::jsonb AS old, NULL::jsonb AS new, id FROM activities
  WHERE contact_id = %s ORDER BY at DESC LIMIT 40)
UNION ALL
(SELECT at, op, author, NULL, old, new, id FROM changes WHERE contact_id = %s ORDER BY at DESC LIMIT 40)
ORDER BY at DESC LIMIT 40"""

NEWS = """
SELECT a.at, a.kind, a.author, a.body, c.id, c.display_name
FROM (SELECT * FROM activities ORDER BY at DESC LIMIT 12) a JOIN contacts c ON c.id = a.contact_id
ORDER BY a.at DESC"""
LATEST = """
SELECT * FROM (
  (SELECT 'contacts', 'user', id, display_name, updated_at FROM contacts ORDER BY updated_at DESC LIMIT 12)
  UNION ALL
  (SELECT 'companies', 'building-2', id, name, updated_at FROM companies ORDER BY updated_at DESC LIMIT 12)) x
ORDER BY updated_at DESC LIMIT 12"""

ADD = """
WITH c AS (
  INSERT INTO contacts (id, given_name, family_name, display_name, sort_key, search_text, updated_at, version)
  VALUES (%(id)s, %(given)s, %(family)s, %(name)s, %(sort_key)s, %(search_text)s, now(), 1) RETURNING id)
INSERT INTO points (id, contact_id, kind, label, value, normalised, position)
SELECT gen_random_uuid(), c.id, p.kind, 'work', p.value, p.normalised, p.position FROM c,
  unnest(%(kinds)s::text[], %(values)s::text[], %(normalised)s::text[], %(positions)s::int[])
  AS p (kind, value, normalised, position)"""
CHANGE = """
WITH c AS (
  UPDATE contacts SET title = %(title)s, given_name = %(given)s, family_name = %(family)s, display_name = %(name)s,
    sort_key = %(sort_key)s, search_text = %(search_text)s, updated_at = now(), version = version + 1
  WHERE id = %(id)s AND version = %(version)s RETURNING id)
UPDATE points SET value = p.value, normalised = p.normalised
FROM c, unnest(%(ids)s::uuid[], %(values)s::text[], %(normalised)s::text[]) AS p (id, value, normalised)
WHERE points.id = p.id AND points.contact_id = c.id"""

COPY_CONTACTS = """
COPY contacts (id, salutation, given_name, family_name, display_name, sort_key, search_text, updated_at, version)
FROM STDIN"""
COPY_POINTS = """
COPY points (id, contact_id, kind, label, value, normalised, street, postal_code, city, position) FROM STDIN"""
