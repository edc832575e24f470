"""Scripts and the proxy's rules, each read by what knows it."""

from __future__ import annotations

import json
import re

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
