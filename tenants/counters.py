"""Numbers for people: counted for each tenant, name and year, without a gap in what is saved."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from tenants import clock
from tenants.db import TenantModel, db, new_id


class Counter(TenantModel):
    __tablename__ = "counters"
    __table_args__ = (
        UniqueConstraint("name", "year"),
        {"info": {"unrecorded": "The numbers that it gave stand in the records themselves."}},
    )

    name: Mapped[str]
    year: Mapped[int]
    last: Mapped[int] = mapped_column(default=0)


def following(name: str, *, year: int) -> int:
    """The next number. Ask last: until this unit of work ends, everybody else who wants one waits.

    A unit of work that is not saved gives its number back.
    """
    first = insert(Counter).values(id=new_id(), created_at=clock.now(), name=name, year=year, last=1)
    counted = first.on_conflict_do_update(
        index_elements=[Counter.name, Counter.year], set_={"last": Counter.last + 1}
    ).returning(Counter.last)
    return db.session.execute(counted).scalar_one()
