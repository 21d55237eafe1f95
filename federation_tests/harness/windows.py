# SPDX-License-Identifier: AGPL-3.0-or-later
"""A browser window: Chromium on one page, which remembers whatever a page did wrong.

Wrong is: an error in the console, an error in a script, a breach of the Content-Security-Policy, an answer of 500 or
more, and a page wider than the window.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Response, sync_playwright

from federation_tests.harness.environments import missing
from federation_tests.harness.node import REPOSITORY

ARTIFACTS = REPOSITORY / "test-artifacts"
WITHIN = 60_000.0
"""Milliseconds that a page may take to become what is expected; generous, for a machine that does much else."""

_SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
# The console names some breaches in its own words; this makes one line of each, whatever the version.
_REPORT_BREACHES = """
document.addEventListener("securitypolicyviolation", (breach) =>
  console.error(`policy: ${breach.violatedDirective} forbids ${breach.blockedURI} at ${breach.sourceFile}`));
"""


@dataclass
class Window:
    """One page of a browser. Forms are named by where they go, so that no step depends on a language."""

    page: Page
    url: str
    """The address of the node, without a slash at the end."""
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))
        self.page.on("response", self._answered)

    def open(self, path: str) -> None:
        self.page.goto(path if path.startswith("https://") else f"{self.url}{path}")

    def form(self, ending: str) -> Locator:
        """The form whose address ends so: `/going` is not `/not-going`."""
        return self.page.locator(f'main form[action$="{ending}"]')

    def fill(self, **typed: str) -> None:
        """Type into the fields of these names."""
        for name, value in typed.items():
            self.page.locator(f"#field-{name}").fill(value)

    def send(self, form: Locator) -> None:
        """Press the form's own button, and wait for the page that answers."""
        with self.page.expect_navigation():
            form.locator("button[type=submit]").click()

    def notice(self) -> str:
        """What the page says about what has just been done."""
        return self.page.locator("main .notice").inner_text()

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.url).partition("?")[0]

    @property
    def text(self) -> str:
        return self.page.locator("main").inner_text()

    def reload_until(self, selector: str) -> Locator:
        """Load the page anew until it shows this.

        Raises:
            AssertionError: it never did.
        """
        for _ in range(int(WITHIN / 250)):
            found = self.page.locator(selector)
            if found.count():
                return found.first
            self.page.wait_for_timeout(250)
            self.page.reload()
        raise AssertionError(f"no {selector} at {self.page.url}:\n{self.text}")

    def check(self) -> None:
        """Fail for what went wrong since the last check, and for a page that must be scrolled sideways."""
        faults, self.faults[:] = list(self.faults), []
        assert faults == []
        too_wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, f"{self.page.url} is {too_wide} pixels wider than the window"

    def photograph(self, name: str) -> Path:
        """Keep a picture of the whole page, for whoever looks into a failure."""
        ARTIFACTS.mkdir(exist_ok=True)
        file = ARTIFACTS / f"{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-')}.png"
        self.page.screenshot(path=file, full_page=True)
        return file

    def _said(self, message: ConsoleMessage) -> None:
        # A form sent back for correction is an answer of 422, which the console calls an error.
        refused = message.text.startswith("Failed to load resource") and message.location.get("url") == self.page.url
        if message.type == "error" and not refused:
            self.faults.append(f"{self.page.url}: {message.text} ({message.location.get('url')})")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.status} {response.url}")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, without a head."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        missing("the pages are looked at with chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_SWITCHES))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def window(browser: Browser, url: str, *, language: str, phone: bool) -> Iterator[Window]:
    """A window of its own, with nothing remembered: a desk's or a phone's, asking for pages in this language."""
    context = browser.new_context(
        locale=language,
        timezone_id="Africa/Accra",
        # The test network's CA is known to nobody but the test; who else it is shown to is not Chromium's matter.
        ignore_https_errors=True,
        viewport={"width": 390, "height": 844} if phone else {"width": 1280, "height": 900},
        has_touch=phone,
        is_mobile=phone,
        device_scale_factor=2 if phone else 1,
    )
    context.set_default_timeout(WITHIN)
    context.add_init_script(_REPORT_BREACHES)
    try:
        yield Window(context.new_page(), url)
    finally:
        context.close()
