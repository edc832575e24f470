from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import Versioned
from tenants.models import Role, stored


class User(Versioned):
    """A membership as the tenant itself knows it, so that its history can name people."""

    __tablename__ = "users"

    name: Mapped[str]
    email: Mapped[str]
    role: Mapped[Role] = mapped_column(stored(Role))
    active: Mapped[bool] = mapped_column(default=True)
