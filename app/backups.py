"""Commands for all that a firm owns: backups, and the life of a firm from its import to its end."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from app.factory import create_app
from app.operators.commands import BY_HAND
from app.signup import addresses
from app.terminal import json_option, progress, say
from tenants import clock, operators, registry
from tenants.backup import ending, export, nightly, restore
from tenants.backup.archive import Manifest
from tenants.db import platform_reading
from tenants.operators import Act

_FILE = click.Path(dir_okay=False, path_type=Path)
_BACKUP = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("export")
@click.argument("slug")
@click.option("--to", "to", type=_FILE, help="File to write; SLUG.kontor in this folder if none is named.")
@json_option
def export_tenant(slug: str, to: Path | None) -> None:
    """Write all that the firm at SLUG owns into one file, as it is at this moment."""
    path = to or Path(f"{slug}.kontor")
    with create_app().app_context():
        manifest = export.write(registry.named(slug).id, path, tell=progress)
    say({"file": str(path), **_told(manifest)}, f"{path}: {_said(manifest)}")


@click.command("import")
@click.argument("file", type=_BACKUP)
@click.option("--slug", required=True, help="Address of the account that it becomes.")
@click.option("--name", default="", help="What the firm is called there; as in the backup without it.")
@json_option
def import_tenant(file: Path, slug: str, name: str) -> None:
    """Make an account of a backup. Beside the firm itself, nothing leaves the copy by itself: webhooks are off, what
    waited to be sent is dropped, deadlines are told to nobody.
    """
    with create_app().app_context():
        with platform_reading() as session:
            addresses.check(session, slug)
        tenant_id = restore.bring_in(file, slug=slug, name=name, tell=progress)
        operators.write_down(Act.RESTORED, tenant_id, by=BY_HAND, reason=file.name)
    say({"id": str(tenant_id), "slug": slug}, f"{slug} is open.")


@click.command("restore")
@click.argument("slug")
@click.argument("file", type=_BACKUP, required=False)
@click.option("--backup", help="Name of one of its backups; the newest one if neither it nor a file is named.")
@click.option("--keep", type=_FILE, help="File for what is there now; SLUG-TIME.kontor in this folder without it.")
@click.option("--reason", required=True, help="Why; the owners of the firm read it.")
@json_option
def restore_tenant(slug: str, file: Path | None, backup: str | None, keep: Path | None, reason: str) -> None:
    """Put a backup in the place of all that the firm at SLUG has now, which is written into a file first."""
    with create_app().app_context():
        tenant = registry.named(slug)
        source = file or nightly.path_of(tenant.id, backup)
        kept = keep or Path(f"{slug}-{clock.now():%Y-%m-%dT%H%M%SZ}.kontor")
        manifest = restore.replace(tenant.id, source, keep=kept, tell=progress)
        operators.write_down(Act.RESTORED, tenant.id, by=BY_HAND, reason=reason)
    told = {"slug": slug, "before": str(kept), **_told(manifest)}
    say(told, f"{slug} is as it was on {manifest.made_at}. What it had until now is in {kept}.")


@click.command("close")
@click.argument("slug")
@click.option("--reason", required=True, help="Why; it stays in the audit.")
@json_option
def close_tenant(slug: str, reason: str) -> None:
    """Let nobody into the account at SLUG any more. After 30 days all that it owns is erased."""
    with create_app().app_context():
        tenant = ending.close(registry.named(slug).id, reason=reason, by=BY_HAND)
    erased = (tenant.closed_at + ending.GRACE) if tenant.closed_at else None
    told = {"slug": slug, "status": tenant.status.value, "erased_from": erased.isoformat() if erased else None}
    say(told, f"{slug} is closed. It is erased from {erased:%Y-%m-%d} on.")


@click.command("reopen")
@click.argument("slug")
@click.option("--reason", required=True, help="Why; the owners of the firm read it.")
@json_option
def reopen_tenant(slug: str, reason: str) -> None:
    """Let the closed account at SLUG go on where it stood."""
    with create_app().app_context():
        tenant = ending.reopen(registry.named(slug).id, reason=reason, by=BY_HAND)
    say({"slug": slug, "status": tenant.status.value}, f"{slug} is open.")


@click.command("erase")
@click.argument("slug")
@click.option("--now", "at_once", is_flag=True, help="Also where it was closed less than 30 days ago.")
@json_option
def erase_tenant(slug: str, at_once: bool) -> None:
    """Erase all that the closed firm at SLUG owned, for good. What was billed stays."""
    with create_app().app_context():
        protocol = ending.erase(registry.named(slug).id, at_once=at_once, by=BY_HAND)
    say({"slug": slug, **asdict(protocol)}, f"{slug} is erased: {protocol}.")


@click.command("backup")
@json_option
def backup() -> None:
    """Back up every firm to the place for backups now; ends with 1 if one could not be."""
    with create_app().app_context():
        wanted = nightly.take_all(tell=progress)
    say({"backed_up": [str(one) for one in wanted.taken], "failed": wanted.failed}, str(wanted))
    if wanted.failed:
        click.get_current_context().exit(1)


@click.group("backups")
def backups() -> None:
    """What was backed up."""


@backups.command("list")
@click.argument("slug")
@json_option
def list_backups(slug: str) -> None:
    """The backups of the firm at SLUG, the newest first."""
    with create_app().app_context():
        found = nightly.listed(registry.named(slug).id)
    told = [{"name": one.name, "bytes": one.size} for one in found]
    say(told, "\n".join(f"{one.name}  {one.size:>14} bytes" for one in found) or "There are none yet.")


@backups.command("verify")
@click.argument("file", type=_BACKUP, required=False)
@click.option("--of", "slug", help="Instead of a file: the newest backup of the firm at this address.")
@json_option
def verify_backup(file: Path | None, slug: str | None) -> None:
    """Restore FILE into a schema that nobody sees and that goes again at once, and compare all of it."""
    if (file is None) == (slug is None):
        raise click.UsageError("Name a file, or a firm with --of.")
    with create_app().app_context():
        path = file or nightly.path_of(registry.named(str(slug)).id, None)
        manifest = restore.verify(path, tell=progress)
    say({"file": str(path), **_told(manifest)}, f"{path} is whole: {_said(manifest)}")


def _told(manifest: Manifest) -> dict[str, Any]:
    return {
        "made_at": manifest.made_at,
        "revision": manifest.revision,
        "tables": len(manifest.tables),
        "rows": manifest.rows,
        "files": len(manifest.files),
        "bytes_of_files": manifest.bytes_of_files,
        "missing_files": list(manifest.missing),
    }


def _said(manifest: Manifest) -> str:
    missing = f"; the bytes of {len(manifest.missing)} files were not there" if manifest.missing else ""
    files = f"{len(manifest.files)} files of {manifest.bytes_of_files} bytes"
    return f"{manifest.rows} rows in {len(manifest.tables)} tables, {files}, as of {manifest.made_at}{missing}."


OF_TENANTS = (export_tenant, import_tenant, restore_tenant, close_tenant, reopen_tenant, erase_tenant)
COMMANDS = (backup, backups)
