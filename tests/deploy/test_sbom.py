from __future__ import annotations

import json
import re

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from deploy.sbom import bill_of_materials
from tests.deploy.programs import ROOT


def test_it_names_every_locked_package_and_no_other() -> None:
    listed = {component["purl"] for component in bill_of_materials(ROOT)["components"]}

    locked = re.findall(r"^([a-z0-9._-]+)==([^ ]+)", (ROOT / "requirements-server.lock").read_text(), re.MULTILINE)
    node = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert {address for address in listed if address.startswith("pkg:pypi/")} == {
        f"pkg:pypi/{name}@{version}" for name, version in locked
    }
    assert {address for address in listed if address.startswith("pkg:npm/")} == {
        f"pkg:npm/{path.rpartition('node_modules/')[2].replace('@', '%40')}@{package['version']}"
        for path, package in node.items()
        if path and not package.get("dev")
    }


def test_each_package_can_be_told_from_a_forged_one() -> None:
    components = bill_of_materials(ROOT)["components"]

    assert all(component["hashes"] for component in components)


def test_programs_that_read_such_lists_understand_it() -> None:
    told = json.dumps(bill_of_materials(ROOT))

    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(told)

    assert wrong is None


def test_a_list_that_they_would_not_understand_would_be_found() -> None:
    told = json.dumps(bill_of_materials(ROOT) | {"components": [{"name": "without a type"}]})

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(told) is not None
