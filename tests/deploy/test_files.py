"""Scripts and the proxy's rules, each read by what knows it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import trustme

from tests.deploy.programs import DEPLOY, ROOT, said_by


def test_scripts_are_as_shellcheck_wants_them() -> None:
    scripts = [ROOT / ".ci" / "run", *sorted(DEPLOY.glob("*.sh"))]

    said = said_by("shellcheck", *scripts)

    assert (said.stdout, said.returncode) == ("", 0)
    assert len(scripts) > 1


def test_the_rules_of_the_proxy_leave_no_hole() -> None:
    said = said_by("gixy", "--format", "json", DEPLOY / "nginx" / "nginx.conf")

    # Events must reach the page at once, and few processors wait for whoever takes them slowly.
    wanted = {("proxy_buffering_off", "/live/")}
    found = {(hole["plugin"], re.search(r"location (\S+)", hole["config"])) for hole in json.loads(said.stdout)}
    assert {(plugin, place[1] if place else "") for plugin, place in found} == wanted, said.stdout


def test_the_rules_of_the_proxy_are_understood(tmp_path: Path) -> None:
    """By nginx itself, with every file as it is but for the certificate, which each place has of its own."""
    shutil.copytree(DEPLOY / "nginx", tmp_path / "rules")
    trustme.CA().issue_cert("kontor.example.com").private_key_and_cert_chain_pem.write_to_path(tmp_path / "tls.pem")
    certificate = f"ssl_certificate {tmp_path}/tls.pem;\nssl_certificate_key {tmp_path}/tls.pem;\n"
    (tmp_path / "rules" / "kontor" / "certificate.conf").write_text(certificate)
    rules = tmp_path / "rules" / "nginx.conf"
    rules.write_text(rules.read_text().replace("pid /run/", f"pid {tmp_path}/"))

    said = said_by("nginx", "-t", "-e", "stderr", "-c", rules)

    assert said.returncode == 0, said.stderr
    assert "[warn]" not in said.stderr
