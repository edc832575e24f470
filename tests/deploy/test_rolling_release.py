"""Two versions side by side under load: nobody is told of a failure, and nothing is lost."""

from __future__ import annotations

import psycopg
import pytest

from tests.deploy import former as former_versions
from tests.deploy import site as sites
from tests.deploy.load import Load, load
from tests.deploy.site import KONTOR, Site, until
from tests.ports import free_ports

ENOUGH = 20
"""Answers in each stage; fewer would prove nothing."""


@pytest.mark.timeout(1800)
def test_a_release_is_noticed_by_nobody() -> None:
    """
    1. The former version runs: two web processes and a worker, at their own logins.
    2. The database is brought up to date under it, and a new worker begins beside the old one.
    3. New web processes take the place of the old ones, one after the other.
    4. The new ones are restarted, one after the other, as their units do it.
    """
    with sites.site() as site:
        former = former_versions.former_version(site.folder)
        former.kontor(site, "migrate")
        command = ["tenants", "create", "acme", "--name", "Acme", "--locale", "en"]
        former.kontor(site, *command, "--owner", sites.owner_of("acme"), "--password", sites.PASSWORD)
        ports = free_ports(2)
        old = [former.start_web(site, f"old-{number}", port) for number, port in enumerate(ports)]
        old_worker = former.start_worker(site, "old-worker")
        addresses = [f"127.0.0.1:{port}" for port in ports]
        token = former.kontor(site, "tokens", "create", "acme", "--user", sites.owner_of("acme"), "--scopes", "*")
        with sites.proxy(site, *addresses) as proxy:
            with load(site.owner(), site.visitor(token=token.strip()), "acme") as work:
                _answers_more(work)
                site.kontor("migrate")
                _answers_more(work)
                site.start("new-worker", [*KONTOR, "worker"])
                site.start("new-scheduler", [*KONTOR, "scheduler"], PROVISIONER_URL=site.provisioner_url)
                for number, web in enumerate(old):
                    site.start_web(f"new-{number}")
                    addresses[number] = f"unix:{site.folder}/new-{number}.sock"
                    site.lead_to(*addresses)
                    # Versions before this one let go of connections that they had not answered yet.
                    sites.reload(proxy)
                    assert web.stop() == 0
                    _answers_more(work)
                assert old_worker.stop() == 0
                for number in range(2):
                    assert site.named(f"new-{number}").stop() == 0
                    site.start_web(f"new-{number}")
                    _answers_more(work)
            assert work.failures == [], proxy.log.read_text()[-8000:]
            assert _lost(site, work) == set()
            until(lambda: not _waiting(site), "the forwarding of every change")


def _answers_more(work: Load) -> None:
    answered = work.answered
    until(lambda: work.answered >= answered + ENOUGH, "the answers to the load")


def _lost(site: Site, work: Load) -> set[str]:
    with psycopg.connect(site.provisioner_url) as sql:
        kept = {row[0] for row in sql.execute(f"SELECT name FROM {_schema(sql)}.companies".encode())}
    return work.written - kept


def _waiting(site: Site) -> int:
    """Changes that nobody has looked at yet."""
    with psycopg.connect(site.provisioner_url) as sql:
        found = sql.execute(f"SELECT count(*) FROM {_schema(sql)}.unrouted".encode()).fetchone()
    assert found is not None
    return int(found[0])


def _schema(sql: psycopg.Connection) -> str:
    found = sql.execute("SELECT pg_schema FROM platform.tenants WHERE slug = 'acme'").fetchone()
    assert found is not None
    return str(found[0])
