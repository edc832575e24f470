"""Kontor as deploy/ puts it on a server: nginx with TLS before it, PgBouncer behind it, the processes as their units
start them. One site for all of this file.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from urllib.parse import quote

import psycopg
import pytest

from tests.deploy import site as sites
from tests.deploy.site import KONTOR, Running, Site
from tests.deploy.visitor import Answer, Visitor

pytestmark = pytest.mark.timeout(900)
"""The time that a site takes to start on a busy machine, with a database of its own."""

MEBIBYTE = 1 << 20
FIRMS = ("acme", "globex")
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Standing:
    site: Site
    owner: Visitor
    programs: dict[str, Visitor]
    """By the firm in which each works."""

    proxy: Running


@pytest.fixture(scope="module")
def standing() -> Iterator[Standing]:
    with sites.site() as made:
        made.kontor("migrate")
        for slug in FIRMS:
            made.open_firm(slug)
        made.start_web("web-1")
        made.start("live", [*KONTOR, "live"], BIND=f"127.0.0.1:{made.live_port}")
        made.start("worker", [*KONTOR, "worker"])
        with sites.proxy(made, f"unix:{made.folder}/web-1.sock") as proxy:
            programs = {slug: made.visitor(token=made.token(slug)) for slug in FIRMS}
            yield Standing(made, made.owner(), programs, proxy)


def test_pages_are_reached_by_tls_only(standing: Standing) -> None:
    page = standing.owner.get("/acme/companies")

    assert page.status == 200
    assert page.headers["strict-transport-security"] == "max-age=31536000"
    with closing(socket.create_connection(("127.0.0.1", standing.site.plain_port))) as plain:
        plain.sendall(b"GET /login?next=%2Facme HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = plain.makefile("rb").read().decode()
    assert answer.startswith("HTTP/1.1 308")
    assert "Location: https://localhost/login?next=%2Facme\r\n" in answer


def test_a_cookie_is_for_tls_and_not_for_scripts(standing: Standing) -> None:
    visitor = standing.site.visitor()
    login = visitor.get("/login")

    kept = login.headers["set-cookie"]

    assert "Secure" in kept
    assert "HttpOnly" in kept
    assert "SameSite=Lax" in kept


def test_another_name_is_not_served(standing: Standing) -> None:
    knock = socket.create_connection(("127.0.0.1", standing.site.tls_port))

    with pytest.raises(ssl.SSLError), closing(knock):
        standing.site.trust.wrap_socket(knock, server_hostname="elsewhere.example")


def test_what_is_for_operators_only_is_not_shown_outside(standing: Standing) -> None:
    for path in ("/metrics", "/readyz"):
        assert standing.owner.get(path).status == 404


def test_firms_that_share_pooled_connections_stay_apart(standing: Standing) -> None:
    """Many at once through few connections: each sees its own records, and the journal knows who did what."""
    amount = 12

    def work(slug: str, number: int) -> None:
        program, name = standing.programs[slug], f"{slug} shared {number}"
        made = program.ask("POST", f"/{slug}/api/v1/companies", body=json.dumps({"name": name}).encode(), headers=JSON)
        assert made.status == 201, made.text
        listed = program.get(f"/{slug}/api/v1/companies")
        assert listed.status == 200, listed.text
        names = [item["name"] for item in json.loads(listed.body)["items"]]
        assert name in names
        assert all(known.startswith(slug) for known in names)

    with ThreadPoolExecutor(8) as people:
        asked = [people.submit(work, slug, number) for number in range(amount) for slug in FIRMS]
        for one in asked:
            one.result()

    with psycopg.connect(standing.site.provisioner_url) as sql:
        for slug in FIRMS:
            assert _authors(sql, slug) == [(amount, 1)]
        assert _logins(sql) <= {"kontor_platform", "kontor_app_main", "kontor"}


def _authors(sql: psycopg.Connection, slug: str) -> list[tuple[int, int]]:
    """How many companies of that name the journal knows, and by how many people they were made."""
    statement = (
        f"SELECT count(*), count(DISTINCT actor) FROM {_schema(sql, slug)}.change"
        " WHERE table_name = 'companies' AND op = 'I' AND actor IS NOT NULL AND new ->> 'name' LIKE '% shared %'"
    )
    return sql.execute(statement.encode()).fetchall()


def _schema(sql: psycopg.Connection, slug: str) -> str:
    found = sql.execute("SELECT pg_schema FROM platform.tenants WHERE slug = %s", [slug]).fetchone()
    assert found is not None
    return str(found[0])


def _logins(sql: psycopg.Connection) -> set[str]:
    return {row[0] for row in sql.execute("SELECT usename FROM pg_stat_activity WHERE usename IS NOT NULL")}


def test_an_open_page_hears_of_a_change(standing: Standing) -> None:
    """Through the proxy, which holds nothing back; the process that tells listens past the pooler."""
    page = standing.owner.get("/acme/companies").text
    live, shown = re.search(r'data-live="([^"]+)"', page), re.search(r'data-live-list="([^"]+)"', page)
    assert live
    assert shown
    with closing(standing.owner.connect()) as connection:
        connection.request("GET", f"{live[1]}?list={quote(shown[1])}", headers=standing.owner.headers())
        response = connection.getresponse()
        assert response.status == 200
        assert response.readline() == b"retry: 3000\n"

        changed = standing.programs["acme"].ask(
            "POST", "/acme/api/v1/companies", body=b'{"name": "acme heard"}', headers=JSON
        )
        lines: list[bytes] = []
        while b"event: listed\n" not in lines:
            lines.append(response.readline())
            assert lines[-1], "the stream ended"

    assert changed.status == 201


def test_what_a_client_says_of_its_address_is_not_believed(standing: Standing) -> None:
    """Guesses are counted by network; with a new one in each request nobody would ever have to wait."""
    guesser, statuses = standing.site.visitor(), []
    token = guesser.form_token("/login")
    for number in range(25):
        body = f"email=nobody{number}%40example.org&password=wrong&csrf_token={token}".encode()
        claims = {"X-Forwarded-For": f"203.{number}.113.9", "X-Real-IP": f"203.{number}.113.9"}
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        statuses.append(guesser.ask("POST", "/login", body=body, headers=form | claims).status)

    assert statuses[0] == 422
    assert 429 in statuses


def test_what_a_client_says_of_host_and_scheme_is_not_believed(standing: Standing) -> None:
    claims = {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    claims |= {"X-Forwarded-Prefix": "/evil", "SCRIPT_NAME": "/evil", "Script-Name": "/evil"}

    page = standing.owner.ask("GET", "/acme/companies", headers=claims)
    led_away = standing.site.visitor().ask("GET", "/acme/companies", headers=claims)

    assert page.headers["strict-transport-security"]
    assert "evil" not in page.text
    assert led_away.status == 303
    assert "evil" not in led_away.headers["location"]


def test_a_large_file_comes_in_and_goes_out_whole(standing: Standing) -> None:
    company = _company(standing, "acme with a file")
    content = b"%PDF-1.7\n" + os.urandom(24_990_000)

    sent = _attach(standing.owner, company, content)

    assert sent.status == 303, sent.text
    with psycopg.connect(standing.site.provisioner_url) as sql:
        kept = sql.execute(
            f"SELECT id FROM {_schema(sql, 'acme')}.attachments WHERE name = 'large.pdf'".encode()
        ).fetchone()
    assert kept is not None
    fetched = standing.owner.get(f"/acme/files/{kept[0]}")
    assert fetched.status == 200
    assert hashlib.sha256(fetched.body).digest() == hashlib.sha256(content).digest()


def test_a_file_that_is_too_large_is_refused_by_the_proxy(standing: Standing) -> None:
    company = _company(standing, "acme without a file")

    head = (
        f"POST /acme/files/company/{company} HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Length: {27 * MEBIBYTE}\r\nConnection: close\r\n\r\n"
    )
    with closing(_by_hand(standing.site)) as knock:
        knock.sendall(head.encode())
        assert knock.recv(100).startswith(b"HTTP/1.1 413")


def test_a_list_may_be_larger_than_a_file(standing: Standing) -> None:
    """It comes through the proxy, and the product itself says what is wrong with it."""
    token = standing.owner.form_token("/acme/imports/new")
    sent = _send(
        standing.owner, "/acme/imports/new", token, b"\x00" * (27 * MEBIBYTE), name="list.csv", entity="company"
    )

    assert sent.status in {303, 422}, sent.status


def _company(standing: Standing, name: str) -> str:
    body = json.dumps({"name": name}).encode()
    made = standing.programs["acme"].ask("POST", "/acme/api/v1/companies", body=body, headers=JSON)
    assert made.status == 201, made.text
    return str(json.loads(made.body)["id"])


def _attach(owner: Visitor, company: str, content: bytes) -> Answer:
    token = owner.form_token(f"/acme/companies/{company}/edit")
    return _send(owner, f"/acme/files/company/{company}", token, content, name="large.pdf")


def _send(owner: Visitor, path: str, token: str, content: bytes, *, name: str, **fields: str) -> Answer:
    """One file, with the fields of its form, as a browser sends them."""
    edge = "an-edge-that-is-not-in-it"
    parts = [
        f'form-data; name="{field}"\r\n\r\n{value}\r\n' for field, value in (fields | {"csrf_token": token}).items()
    ]
    parts.append(f'form-data; name="file"; filename="{name}"\r\n\r\n')
    body = "".join(f"--{edge}\r\nContent-Disposition: {part}" for part in parts).encode()
    body += content + f"\r\n--{edge}--\r\n".encode()
    return owner.ask("POST", path, body=body, headers={"Content-Type": f"multipart/form-data; boundary={edge}"})


def _by_hand(made: Site) -> ssl.SSLSocket:
    knock = socket.create_connection(("127.0.0.1", made.tls_port), timeout=60)
    return made.trust.wrap_socket(knock, server_hostname="localhost")


def test_slow_clients_hold_nobody_up(standing: Standing) -> None:
    """Forty that never end their head, and forty that say a body will come: more than there are threads."""
    head = b"GET /login HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
    body = b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\nx"
    with ExitStack() as slow:
        for start in [head] * 40 + [body] * 40:
            slow.enter_context(closing(_by_hand(standing.site))).sendall(start)

        answers = [standing.owner.get("/acme/companies").status for _ in range(10)]

    assert answers == [200] * 10


def test_where_no_web_process_is_the_proxy_says_so(standing: Standing) -> None:
    site = standing.site
    site.lead_to(f"unix:{site.folder}/nobody.sock")
    sites.reload(standing.proxy)
    try:
        page = site.visitor().get("/login")
    finally:
        site.lead_to(f"unix:{site.folder}/web-1.sock")
        sites.reload(standing.proxy)

    assert page.status == 503
    assert page.headers["retry-after"] == "5"
    assert "nicht erreichbar" in page.text
