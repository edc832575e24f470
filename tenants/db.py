"""The one database session, pinned to one tenant when its connection is checked out; and short work on the
platform.

No transaction is ever of two tenants, or of a tenant and the platform.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from flask import Flask, g
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from psycopg import Connection
from sqlalchemy import DateTime, Engine, Executable, MetaData, Row, event
from sqlalchemy.exc import NotSupportedError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column
from uuid_utils.compat import uuid7

from config.server import WEB_BIND, server_settings
from config.settings import settings
from tenants import checkout, clock, compiled, cursor, engines
from tenants.context import TenantMismatch, current_scope, has_scope
from tenants.cursor import CountedCursor, StrictCursor

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
PLATFORM_BIND = "platform"

_ONLY_WHAT_ASKS = 1_000_000_000
"""As the driver's threshold: no statement is prepared on account of how often it comes."""


_MARKS = "marks"
_when_written: list[Callable[[], None]] = []


def new_id() -> UUID:
    """UUIDv7 (RFC 9562): sorts by creation time, so that primary keys stay local in the index."""
    return uuid7()


class _Record(DeclarativeBase):
    __abstract__ = True
    type_annotation_map = {datetime: DateTime(timezone=True)}

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class PlatformModel(_Record):
    """A row that the operator owns: tenants, identities, subscriptions. Lives in the schema ``platform``."""

    __abstract__ = True
    metadata = MetaData(schema="platform", naming_convention=_NAMES)


class TenantModel(_Record):
    """A row that one tenant owns. Triggers write every change of it into the journal (tenants/changes.py).

    A table is excused from the journal by ``info={"unrecorded": "why"}`` in its ``__table_args__``.
    """

    __abstract__ = True
    metadata = MetaData(naming_convention=_NAMES)


class Versioned(TenantModel):
    """A record that people edit: it counts its versions, knows when it last changed, can be taken back."""

    __abstract__ = True

    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)
    version: Mapped[int] = mapped_column(default=1)
    deleted_at: Mapped[datetime | None]

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


class TenantSession(FlaskSession):
    """Belongs to the tenant of the context it was made in, for life."""

    def __init__(self, db: SQLAlchemy, **options: Any) -> None:
        super().__init__(db, **options)
        self.scope = current_scope() if has_scope() else None

    def get_bind(self, mapper: Any = None, clause: Any = None, bind: Any = None, **options: Any) -> Engine:
        """Raises TenantRequired without a tenant, TenantMismatch in another tenant's context or for a
        platform row.
        """
        scope = current_scope()
        if self.scope is not scope:
            raise TenantMismatch("This session belongs to another context.")
        if mapper is not None and not issubclass(mapper.class_, TenantModel):
            raise TenantMismatch(f"{mapper.class_.__name__} belongs to the platform: use platform_work().")
        return self._db.engines[None if scope.cell == engines.CELL else scope.cell]


class _ScopeKey:
    """Not the address of the app context, Flask-SQLAlchemy's default: it is used again after the context
    died.
    """


def _session_key() -> _ScopeKey:
    # Asked twenty times a request: through the proxy once, not each time.
    kept = vars(g._get_current_object())
    key: _ScopeKey | None = kept.get("session_key")
    if key is None:
        key = kept["session_key"] = _ScopeKey()
    return key


db = SQLAlchemy(
    disable_autonaming=True,
    session_options={"class_": TenantSession, "scopefunc": _session_key, "expire_on_commit": False},
)


def init_app(app: Flask, *, threads: int | None = None) -> None:
    """Make the engines, with a connection of each kind for each of so many threads, by default those of the web server;
    none is opened before the first statement.
    """
    threads = threads or server_settings(default_bind=WEB_BIND).threads
    app.config["SQLALCHEMY_DATABASE_URI"] = engines.cell_url()
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _engine_options(
        pool_size=threads,
        cursor_factory=StrictCursor,
        # Prepared statements would fail in a half-migrated fleet ("cached plan must not change result type").
        prepare_threshold=None,
    )
    app.config["SQLALCHEMY_BINDS"] = {
        PLATFORM_BIND: {
            "url": engines.platform_url(),
            # Every request asks who knocks; to ask without a transaction is one round trip instead of three.
            "isolation_level": "AUTOCOMMIT",
            **_engine_options(pool_size=threads, cursor_factory=CountedCursor, prepare_threshold=_ONLY_WHAT_ASKS),
        }
    }
    db.init_app(app)
    with app.app_context():
        event.listen(db.engine, "checkout", checkout.enter_tenant)
        event.listen(db.engine, "checkin", checkout.retire_if_worn)
        event.listen(db.engines[PLATFORM_BIND], "checkout", checkout.refuse_dead)


def _engine_options(*, pool_size: int, **connect: Any) -> dict[str, Any]:
    return {
        "connect_args": {"connect_timeout": 10, **engines.TCP, **connect},
        # What people have entered is nobody's business in a log.
        "hide_parameters": True,
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_timeout": 5,
        "pool_recycle": 1800,
        "pool_use_lifo": True,
    }


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """One request or job of a tenant is one transaction; what was put off leaves only after the commit."""
    session = db.session()
    try:
        with _undone_on_failure():
            yield session
            session.flush()
        # Whether a commit that breaks off was saved nobody knows, so what lies outside is left alone then.
        session.info.pop("if_undone", None)
        _commit(session)
    except BaseException:
        session.rollback()
        raise
    finally:
        afterwards: list[Callable[[], None]] = session.info.pop("afterwards", [])
        db.session.remove()
    for leave in afterwards:
        leave()


def when_written(tell: Callable[[], None]) -> None:
    """From now on this is called before each unit of work that has written something is saved."""
    _when_written.append(tell)


def _commit(session: Session) -> None:
    """Where something was written, the mark for the relay travels with the commit (tenants/checkout.py)."""
    if session.in_transaction():
        connection = session.connection().connection.driver_connection
        if cursor.has_written(connection):
            for tell in _when_written:
                tell()
        checkout.commit(cast("Connection[Any]", connection), marks=session.info.pop(_MARKS, ()))
    session.commit()


def mark(note: str) -> None:
    """With this unit of work, and in the message that commits it, the outbox gets a mark, however often it is asked."""
    db.session().info.setdefault(_MARKS, set()).add(note)


@contextmanager
def _undone_on_failure() -> Iterator[None]:
    try:
        yield
    except BaseException:
        undo()
        raise


def rows(statement: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Row[*tuple[Any, ...]]]:
    """Rows of columns, for pages that people open all day: the bookkeeping of entities would cost as much again.

    What this unit of work has changed and not flushed is not among them.
    """
    return compiled.rows(db.session.connection(), statement, values)


def undo() -> None:
    """Take back all of this unit of work that is not saved yet, what would leave afterwards included."""
    session = db.session()
    session.info.pop("afterwards", None)
    taken_back: list[Callable[[], None]] = session.info.pop("if_undone", [])
    session.rollback()
    for take_back in taken_back:
        take_back()


def after_commit(leave: Callable[[], None]) -> None:
    """Do something outside once this unit of work is saved; never if it is not."""
    db.session().info.setdefault("afterwards", []).append(leave)


def if_undone(take_back: Callable[[], None]) -> None:
    """Take back something outside if this unit of work is undone. A process that dies takes nothing back."""
    db.session().info.setdefault("if_undone", []).append(take_back)


class PlatformSession(Session):
    """One transaction on the platform."""


class PlatformNotes(PlatformSession):
    """One that changes nobody's rights."""


@contextmanager
def platform_work(kind: type[PlatformSession] = PlatformSession) -> Iterator[Session]:
    """One short transaction on the platform, apart from any tenant's."""
    engine = db.engines[PLATFORM_BIND].execution_options(isolation_level="READ COMMITTED")
    with kind(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def platform_reading() -> Iterator[Session]:
    """Read the platform without a transaction: each statement is one round trip."""
    with Session(db.engines[PLATFORM_BIND], expire_on_commit=False) as session:
        yield session


def platform_row(statement: Executable, values: Mapping[str, Any]) -> Row[Any] | None:
    """One row of columns, or none; for what every request asks. The statement is built once, at import."""
    found = platform_rows(statement, values)
    return found[0] if found else None


def platform_rows(statement: Executable, values: Mapping[str, Any]) -> Sequence[Row[Any]]:
    """The same for what is asked twenty times a second. The server keeps its plan: to make one takes longer.

    Behind a pooler it cannot: the next statement comes to another session.
    """
    engine = db.engines[PLATFORM_BIND]
    with engine.connect() as connection:
        try:
            return compiled.rows(connection, statement, values, prepare=not settings().pooled)
        except NotSupportedError:
            # A migration has changed a type that the kept plan answers.
            connection.invalidate()
    with engine.connect() as connection:
        return compiled.rows(connection, statement, values)
