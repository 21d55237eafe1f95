# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every page, looked at by axe on a phone by day and by night: as those who run the association see it, and as visitors do.

The pages are those of the samples, made by the templates as the node makes them; Chromium asks nobody else for anything.
"""

from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from importlib.util import find_spec
from typing import Final, cast
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from federation_tests.harness.environments import missing
from federation_tests.harness.windows import chromium
from tests.web.test_templates import SAMPLES
from web import rendering
from web.pages.samples import frame
from web.pages.views import Frame, View

PAGES: Final = cast("dict[str, View]", SAMPLES)
ADDRESS: Final = "https://sample.localhost/"
GRAVE: Final = ("serious", "critical")
FOR_VISITORS: Final = ("about", "login", "sign-up", "people", "profile", "events", "event", "explore")
# What pages are made of apart from their colours is the same by day and by night.
_LOOK: Final = """async (rules) => {
  const asked = rules ? {runOnly: {type: "rule", values: rules}} : {};
  const found = await axe.run(document, {resultTypes: ["violations"], ...asked});
  return found.violations.map((one) => ({
    rule: one.id, impact: one.impact, help: one.help, nodes: one.nodes.map((node) => node.html.slice(0, 200)),
  }));
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[Page]:
    """A phone of the smallest width that is still in use."""
    if find_spec("axe_playwright_python") is None:
        missing("the pages are looked at with axe, which axe-playwright-python brings")
    context = browser.new_context(viewport={"width": 320, "height": 700}, has_touch=True, is_mobile=True)
    context.add_init_script((files("axe_playwright_python") / "axe.min.js").read_text())
    page = context.new_page()
    page.route("**/*", _answer)
    yield page
    context.close()


_SHOWN: Final[dict[str, str]] = {}


def _answer(route: Route) -> None:
    """The page that is shown, the files that it names, and nothing else."""
    path = urlsplit(route.request.url).path
    asset = rendering.assets("#1f6f54").find(path)
    if asset is not None:
        route.fulfill(body=asset.content, content_type=asset.content_type)
    elif path == "/":
        route.fulfill(body=_SHOWN["page"], content_type="text/html; charset=utf-8")
    else:
        route.fulfill(status=404)


def _faults(phone: Page, around: Frame, name: str, *, night: bool) -> list[str]:
    _SHOWN["page"] = rendering.page(around, PAGES[name])
    found = []
    phone.emulate_media(color_scheme="light", reduced_motion="reduce")
    phone.goto(ADDRESS)
    for scheme, rules in (("light", None), ("dark", ["color-contrast"])):
        if scheme == "dark":
            if not night:
                break
            phone.emulate_media(color_scheme="dark", reduced_motion="reduce")
        found += [
            f"{name}, {scheme}: {one['rule']} ({one['impact']}): {one['help']}: {one['nodes']}"
            for one in phone.evaluate(_LOOK, rules)
            if one["impact"] in GRAVE
        ]
    return found


@pytest.mark.parametrize("template", sorted({view.template for view in PAGES.values()}))
def test_those_who_run_the_association_find_no_barrier(phone: Page, template: str) -> None:
    around = replace(frame(), staff=True, admin=True, keeper=True, office=True)

    names = sorted(name for name, view in PAGES.items() if view.template == template)
    # One sample of a template stands for the others at night.
    assert [fault for name in names for fault in _faults(phone, around, name, night=name == names[0])] == []


@pytest.mark.parametrize("name", FOR_VISITORS)
def test_a_visitor_finds_no_barrier_in_french(phone: Page, name: str) -> None:
    assert _faults(phone, frame("fr", viewer=None), name, night=True) == []
