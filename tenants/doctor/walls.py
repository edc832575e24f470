"""Whether the walls between tenants stand: each right that must be nobody's, and each that must be given.

A right is looked up where PostgreSQL keeps it, so one given to PUBLIC and one given to a role of ours both show.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg

from tenants import engines, provisioning
from tenants.doctor.findings import Finding, fine, wrong

_PART = "walls"
_APP = engines.app_login(engines.CELL)
_MIGRATE = "Run `kontor migrate`, which builds the walls anew"

_KEPT_IN = {
    "FUNCTION": "SELECT proacl, proowner, 'f'::\"char\" FROM pg_proc WHERE oid = to_regprocedure(%(name)s)",
    "TABLE": "SELECT relacl, relowner, 'r'::\"char\" FROM pg_class WHERE oid = to_regclass(%(name)s)",
    "SCHEMA": "SELECT nspacl, nspowner, 'n'::\"char\" FROM pg_namespace WHERE nspname = %(name)s",
    "LANGUAGE": "SELECT lanacl, lanowner, 'l'::\"char\" FROM pg_language WHERE lanname = %(name)s",
    "DATABASE": "SELECT datacl, datdba, 'd'::\"char\" FROM pg_database WHERE datname = %(name)s",
}
"""Where the rights on each kind of thing stand, and the letter of their defaults."""

_HOLDERS = """
SELECT DISTINCT coalesce(role.rolname, 'PUBLIC')
FROM ({kept}) AS thing (acl, owner, kind)
CROSS JOIN LATERAL aclexplode(coalesce(acl, acldefault(kind, owner))) AS given
LEFT JOIN pg_roles role ON role.oid = given.grantee
WHERE given.privilege_type = %(right)s AND given.grantee <> thing.owner
  AND (given.grantee = 0 OR role.rolname ~ '^(kontor_|t_)')
ORDER BY 1"""


@dataclass(frozen=True, kw_only=True)
class Wall:
    """A right that only these roles may hold, and must."""

    right: str
    kind: str
    name: str
    why: str
    """What whoever else held it could do."""

    holders: frozenset[str] = field(default=frozenset())


def examine(connection: psycopg.Connection) -> Iterator[Finding]:
    """Every wall; one sentence if all stand."""
    broken = [finding for wall in _walls(connection.info.dbname) for finding in _look_at(connection, wall)]
    broken += [finding for check in (_given, _roles, _memberships) for finding in check(connection)]
    yield from broken or [fine(_PART, "All rights in the database are as they must be.")]


def _walls(database: str) -> list[Wall]:
    locks = frozenset({engines.PLATFORM})
    return [
        *(_function(name, why="could hide data where no export finds it") for name in provisioning.LARGE_OBJECTS),
        *(_function(n, why="could hold up other tenants for ever", holders=locks) for n in provisioning.SESSION_LOCKS),
        _function("pg_catalog.set_config(text, text, boolean)", why="could take on another tenant's role"),
        _function("ext.set_limit(real)", why="could change how other tenants search"),
        Wall(right="UPDATE", kind="TABLE", name="pg_catalog.pg_settings", why="could take on another tenant's role"),
        Wall(
            right="USAGE",
            kind="LANGUAGE",
            name="plpgsql",
            why="could run programs inside the database",
            holders=frozenset({engines.OWNER}),
        ),
        Wall(right="TEMPORARY", kind="DATABASE", name=database, why="could put a table in front of another"),
        Wall(right="CREATE", kind="DATABASE", name=database, why="could make schemas of its own"),
        Wall(right="CREATE", kind="SCHEMA", name="public", why="could leave things for others to find"),
        *(_usage(name, roles) for name, roles in _SHARED_SCHEMAS.items()),
    ]


_SHARED_SCHEMAS = {
    "ext": frozenset({engines.OWNER, engines.TENANT, engines.PLATFORM}),
    "platform": frozenset({engines.PLATFORM, engines.TENANT}),
}


def _function(name: str, *, why: str, holders: frozenset[str] = frozenset()) -> Wall:
    return Wall(right="EXECUTE", kind="FUNCTION", name=name, why=why, holders=holders)


def _usage(schema: str, holders: frozenset[str]) -> Wall:
    return Wall(right="USAGE", kind="SCHEMA", name=schema, why="could look into it", holders=holders)


def _look_at(connection: psycopg.Connection, wall: Wall) -> Iterator[Finding]:
    query = _HOLDERS.format(kept=_KEPT_IN[wall.kind])
    found = connection.execute(query.encode(), {"name": wall.name, "right": wall.right}).fetchall()
    holders = {str(row[0]) for row in found}
    quoted = f'"{wall.name}"' if wall.kind == "DATABASE" else wall.name
    for holder in sorted(holders - wall.holders):
        yield wrong(
            _PART,
            f"{holder} has {wall.right} on {wall.kind} {quoted} and {wall.why}.",
            remedy=f"{_MIGRATE}; if it stays: REVOKE {wall.right} ON {wall.kind} {quoted} FROM {holder}. "
            "Where a managed server refuses that, this wall is the cursor's alone.",
        )
    for holder in sorted(wall.holders - holders):
        yield wrong(_PART, f"{holder} lacks {wall.right} on {wall.kind} {quoted}.", remedy=f"{_MIGRATE}.")


_GIVEN = (
    ("CONNECT on the database", _APP, f"has_database_privilege('{_APP}', current_database(), 'CONNECT')"),
    (
        "CONNECT on the database",
        engines.PLATFORM,
        f"has_database_privilege('{engines.PLATFORM}', current_database(), 'CONNECT')",
    ),
    (
        "INSERT (note) on platform.outbox",
        engines.TENANT,
        f"has_column_privilege('{engines.TENANT}', 'platform.outbox', 'note', 'INSERT')",
    ),
)
"""(right, role, whether it has it): what a house cannot work without."""


def _given(connection: psycopg.Connection) -> Iterator[Finding]:
    present = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
    for right, role, question in _GIVEN:
        row = connection.execute(f"SELECT {question}".encode()).fetchone() if role in present else None
        if row is not None and not row[0]:
            yield wrong(_PART, f"{role} lacks {right}.", remedy=f"{_MIGRATE}.")


_LOGINS = frozenset({engines.PLATFORM, _APP})
_TOO_MUCH = "rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls"


def _roles(connection: psycopg.Connection) -> Iterator[Finding]:
    """That our roles exist, and can do nothing to the server itself."""
    query = f"SELECT rolname, {_TOO_MUCH}, rolcanlogin, rolinherit FROM pg_roles WHERE rolname ~ '^(kontor_|t_)'"
    seen = {str(name): flags for name, *flags in connection.execute(query.encode()).fetchall()}
    for name in sorted({engines.OWNER, engines.TENANT, *_LOGINS} - seen.keys()):
        yield wrong(_PART, f"The role {name} is missing.", remedy=f"{_MIGRATE}.")
    for name, (mighty, may_log_in, inherits) in sorted(seen.items()):
        ours = name in {engines.OWNER, engines.TENANT, *_LOGINS} or name.startswith("t_")
        if not ours:
            continue
        if mighty:
            mend = f"ALTER ROLE {name} NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS."
            yield wrong(_PART, f"The role {name} may change the server itself.", remedy=mend)
        if may_log_in != (name in _LOGINS):
            word = "LOGIN" if name in _LOGINS else "NOLOGIN"
            yield wrong(_PART, f"The role {name} should be {word}.", remedy=f"ALTER ROLE {name} {word}.")
        if inherits and name in _LOGINS:
            sentence = f"The role {name} has the rights of every tenant without choosing one."
            yield wrong(_PART, sentence, remedy=f"ALTER ROLE {name} NOINHERIT.")


_STRANGE_MEMBERSHIPS = """
SELECT member.rolname, role.rolname FROM pg_auth_members m
JOIN pg_roles role ON role.oid = m.roleid JOIN pg_roles member ON member.oid = m.member
WHERE (member.rolname ~ '^t_' AND role.rolname <> %(tenant)s)
   OR (member.rolname = %(app)s AND role.rolname !~ '^t_')
   OR (member.rolname IN (%(platform)s, %(tenant)s))
ORDER BY 1, 2"""


def _memberships(connection: psycopg.Connection) -> Iterator[Finding]:
    """That nobody can become what they must not: a tenant another one, a login the owner of everything."""
    roles = {"tenant": engines.TENANT, "app": _APP, "platform": engines.PLATFORM}
    for member, role in connection.execute(_STRANGE_MEMBERSHIPS.encode(), roles).fetchall():
        yield wrong(_PART, f"{member} can become {role}.", remedy=f"REVOKE {role} FROM {member}.")
