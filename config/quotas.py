"""How much a firm may upload and keep, from the environment; a plan may say more or less later (billing/)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from environs import Env, validate

_AT_LEAST_ONE = validate.Range(min=1)


@dataclass(frozen=True, kw_only=True)
class Quotas:
    storage_bytes: int
    """Of all files of a firm together."""

    upload_bytes: int
    """Of one file that is uploaded."""

    uploads_per_hour: int
    """Files that a firm may upload in an hour by the clock."""

    import_rows: int
    """Rows of one list."""


@cache
def quotas() -> Quotas:
    """QUOTA_STORAGE_BYTES, QUOTA_UPLOAD_BYTES, QUOTA_UPLOADS_PER_HOUR, QUOTA_IMPORT_ROWS; read once."""
    env = Env()
    with env.prefixed("QUOTA_"):
        return Quotas(
            storage_bytes=env.int("STORAGE_BYTES", 10_000_000_000, validate=_AT_LEAST_ONE),
            upload_bytes=env.int("UPLOAD_BYTES", 200 << 20, validate=_AT_LEAST_ONE),
            uploads_per_hour=env.int("UPLOADS_PER_HOUR", 1000, validate=_AT_LEAST_ONE),
            import_rows=env.int("IMPORT_ROWS", 1_000_000, validate=_AT_LEAST_ONE),
        )
