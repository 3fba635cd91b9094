"""A real Chromium for the stories: signing in by the mailed code, and one look at every page that is met.

A look means: at a phone's width and at a desk's, in light and in dark, nothing scrolls sideways and axe finds nothing;
nothing on the page was refused by the content policy.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from playwright.sync_api import Browser, Page, sync_playwright

from mail import delivery
from members import clock

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
LOOKS = [(size, scheme) for size in (PHONE, DESK) for scheme in ("light", "dark")]
# A colour that is still on its way from light to dark would be measured half-way.
SETTLE = "document.getAnimations().forEach(animation => animation.finish())"
SIDEWAYS = "document.scrollingElement.scrollWidth > window.innerWidth"


def executable() -> str | None:
    """Where a Chromium is, if there is one."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


# What a file of such stories is marked with; the fixtures `browser` and `sites_own_address` are in conftest.
IN_A_BROWSER = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("sites_own_address"),
    pytest.mark.skipif(executable() is None, reason="no Chromium here"),
]


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


class Visitor:
    """Somebody in front of a browser. What went wrong on the way is in `faults`, named by the page."""

    def __init__(self, browser: Browser, site: str, *, javascript: bool = True):
        self.site, self.javascript = site, javascript
        self.faults: list[str] = []
        self.context = browser.new_context(viewport=DESK, java_script_enabled=javascript)
        self.context.set_default_timeout(10_000)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._heard)
        self.page.on("response", self._answered)
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.where}: {error}"))

    @property
    def where(self) -> str:
        return self.page.url.removeprefix(self.site)

    def _heard(self, message) -> None:
        if "Content Security Policy" in message.text or message.type == "error":
            self.faults.append(f"{self.where}: {message.text[:200]}")

    def _answered(self, response) -> None:
        if response.status >= 500 or not response.url.startswith((self.site, "data:")):
            self.faults.append(f"{response.status} {response.url}")

    def open(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else f"{self.site}{path}")

    def press(self, name: str) -> None:
        """Press a button, or follow a link, by the words on it."""
        found = self.page.get_by_role("button", name=name)
        (found if found.count() else self.page.get_by_role("link", name=name)).first.click()
        self.page.wait_for_load_state()

    def reads(self, text: str) -> None:
        """The page says this."""
        self.page.locator("main, #content").get_by_text(text).first.wait_for()

    def look(self) -> None:
        """Phone and desk, light and dark: note what scrolls sideways and what axe finds."""
        for size, scheme in LOOKS:
            self.page.set_viewport_size(size)
            self.page.emulate_media(color_scheme=scheme)
            self.page.evaluate(SETTLE)
            if self.page.evaluate(SIDEWAYS):
                self.faults.append(f"{self.where} scrolls sideways at {size['width']}")
            # axe would load the style sheets anew, by addresses of its own making, and put them inline: no rule of ours needs it
            for found in Axe().run(self.page, options={"preload": False}).response["violations"]:
                nodes = "; ".join(node["html"][:90] for node in found["nodes"][:2])
                self.faults.append(f"{self.where} {size['width']} {scheme} {found['id']}: {nodes}")
        self.page.set_viewport_size(DESK)
        self.page.emulate_media(color_scheme="light")

    def picture(self, name: str) -> None:
        """Kept where somebody wants to see it: PICTURES=/some/folder."""
        folder = os.environ.get("PICTURES")
        for size, scheme in LOOKS if folder else ():
            self.page.set_viewport_size(size)
            self.page.emulate_media(color_scheme=scheme)
            self.page.screenshot(path=f"{folder}/{name}-{size['width']}-{scheme}.png", full_page=True)

    def sign_in(self, email: str, go_on: str = "/my/") -> None:
        """By the code that is mailed."""
        self.open(f"/account/login/?next={go_on}")
        self.page.locator("main input[type=email]").fill(email)
        self.press("Send me a code")
        code = re.search(r"\b\d{3} \d{3}\b", mail_to(email))[0]
        self.page.locator("main form input:not([type=hidden])").first.fill(code)
        self.press("Sign in")

    def fill_in(self) -> None:
        """Answer every question on the page: the first of what is offered, a word, a small number."""
        for label in self.page.locator("main form fieldset, main form .controls, main form .mb-3").all():
            _choose(label)
        for field in self.page.locator(
            "main form input:not([type=hidden]):not([type=radio]):not([type=checkbox]), main form textarea"
        ).all():
            if field.is_visible() and not field.input_value():
                field.fill("4" if field.get_attribute("type") == "number" else "In plain words.")
        for field in self.page.locator("main form select").all():
            if field.is_visible() and not field.input_value():
                field.select_option(index=1)

    def tick_all(self) -> None:
        for box in self.page.locator("main form input[type=checkbox]").all():
            box.check(force=True)


def _choose(group) -> None:
    """Take the first of several answers where none is taken yet."""
    offered = group.locator("input[type=radio], input[type=checkbox]")
    if offered.count() and not any(offered.nth(number).is_checked() for number in range(offered.count())):
        offered.first.check(force=True)


def mail_to(email: str) -> str:
    """The text of the last mail to an address, after everything that waits has left."""
    while delivery.deliver(clock.now()):
        pass
    return next(message for message in reversed(mail.outbox) if email in " ".join(message.recipients())).body


def link_in(text: str, path: str) -> str:
    """The first link of a mail that leads to pages under a path."""
    return re.search(rf"https?://\S+{re.escape(path)}\S+", text)[0]
