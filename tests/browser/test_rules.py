"""Whoever runs the firm writes a rule, tries it, and says when the firm works; with and without JavaScript."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Visit
from tests.browser.house import ENGLISH

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_rule_is_written_tried_and_switched_off(visit: Visit, scripts: bool) -> None:
    visitor = visit(locale="en", scripts=scripts)
    visitor.log_in(ENGLISH)
    page, name = visitor.page, f"Urgent ones {scripts}"

    visitor.open(f"/{ENGLISH.slug}/rules/new")
    page.get_by_role("link", name="Complaints").last.click()
    visitor.fill(name=name)
    page.get_by_label("entered", exact=True).check()
    page.get_by_label("all owners").first.check()
    page.locator('[name="until-new"]').select_option("state")
    with visitor.refused(422):
        page.locator('button[value="until-add"]').click()
        page.locator('[name="until-op-0"]').select_option("none_of")
        page.locator('[name="until-value-0"][value="open"]').check()
        page.locator('button[value="level-add"]').click()
        page.locator('[name="level-0-after"]').fill("2")
        page.locator('[name="level-0-to"][value="role:admin"]').check()
        page.locator('button[value="try"]').click()
        visitor.sees("On what has happened")
        visitor.sees("If this began now, level 1 would be told on")
    if scripts:
        visitor.look()
    visitor.submit()

    visitor.sees("After 2 business hours, in Kontor and by mail: all administrators.")
    switch = page.get_by_role("switch")
    assert switch.get_attribute("aria-checked") == "true"
    switch.press("Enter")
    page.locator('.switch[aria-checked="false"]').wait_for()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_business_hours_are_entered_with_several_times_a_day(visit: Visit, scripts: bool) -> None:
    visitor = visit(locale="en", phone=True, scripts=scripts)
    visitor.log_in(ENGLISH)

    visitor.open(f"/{ENGLISH.slug}/business-hours")
    visitor.fill(monday="9 to 12")
    with visitor.refused(422):
        visitor.submit()
        visitor.sees("Please write it as 9:00–12:00, 13:00–17:00; leave it empty for a day off.")
    visitor.fill(monday="9-12, 13-17")
    visitor.submit()

    visitor.sees("The business hours are saved")
    assert visitor.page.locator('[name="monday"]').input_value() == "09:00–12:00, 13:00–17:00"
