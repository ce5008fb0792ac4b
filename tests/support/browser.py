"""A real Chromium for the tests, with a Chinese font of its own and no way out of this machine.

A page that logs an error, raises one, asks for anything elsewhere or misses one of its own files fails its test.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, Route, sync_playwright

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--font-render-hinting=none",
)
LOCAL = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})
DESK = (1366, 768)
PHONE = (390, 844)

_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>{cache}</cachedir>
  <alias binding="same"><family>sans-serif</family><prefer><family>Noto Sans SC</family></prefer></alias>
  <alias binding="same"><family>system-ui</family><prefer><family>Noto Sans SC</family></prefer></alias>
  <alias binding="same"><family>monospace</family><prefer><family>Noto Sans SC</family></prefer></alias>
  <alias binding="same"><family>serif</family><prefer><family>Noto Serif SC</family></prefer></alias>
</fontconfig>
"""


def executable() -> str:
    """The installed browser. Raises where there is none: a test with a browser is never skipped."""
    for name in (os.environ.get("XIHENG_CHROMIUM"), *NAMES):
        if name and (found := shutil.which(name)):
            return found
    raise RuntimeError(f"no browser here: none of {', '.join(NAMES)}; XIHENG_CHROMIUM may name one")


def font_configuration(folder: Path) -> Path:
    """Writes the file that lets the browser find the Chinese fonts; without them every glyph is a box."""
    wheel = importlib.util.find_spec("pylopdf_fonts_zh_cn")
    if wheel is None or wheel.origin is None:
        raise RuntimeError("the wheel with the Chinese fonts is not installed")
    configuration = folder / "fonts.conf"
    configuration.write_text(_FONTS.format(fonts=Path(wheel.origin).parent, cache=folder / "cache"), "utf-8")
    return configuration


@contextmanager
def running_browser(folder: Path) -> Iterator[Browser]:
    """Chromium, running without a screen. `folder` keeps its font configuration."""
    environment: dict[str, str | float | bool] = {
        **os.environ,
        "FONTCONFIG_FILE": str(font_configuration(folder)),
        "TZ": "Asia/Shanghai",
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(FLAGS), env=environment)
        try:
            yield browser
        finally:
            browser.close()


def is_local(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"data", "blob", "about"} or parts.hostname in LOCAL


@dataclass
class Visitor:
    """One person at one browser: signs in once, may open several pages. `complaints` is what their pages did wrong."""

    context: BrowserContext
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.set_default_timeout(10_000)
        self.context.route(re.compile("."), self._keep_inside)
        self.context.on("console", self._listen)
        self.context.on("weberror", lambda error: self.complaints.append(f"script error: {error.error}"))
        self.context.on("response", self._look)

    def page(self) -> Page:
        return self.context.new_page()

    def _keep_inside(self, route: Route) -> None:
        if is_local(route.request.url):
            route.continue_()
        else:
            self.complaints.append(f"asked for {route.request.url}")
            route.abort()

    def _listen(self, message: ConsoleMessage) -> None:
        # A refused form answers 4xx and Chromium logs that by itself; `_look` tells those from a missing file.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"logged: {message.text}")

    def _look(self, response: Response) -> None:
        is_file = response.request.resource_type in {"stylesheet", "script", "image", "font"}
        # The browser asks for the icon by itself.
        if response.status >= 500 or (is_file and response.status >= 400 and "favicon" not in response.url):
            self.complaints.append(f"{response.status} for {response.url}")


def visitor(browser: Browser, size: tuple[int, int] = DESK, **options: Any) -> Visitor:
    """A new visitor with cookies of their own. The phone also gets a phone's touch and pixels."""
    width, height = size
    if size == PHONE:
        options = {"has_touch": True, "is_mobile": True, "device_scale_factor": 2, **options}
    return Visitor(
        browser.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", timezone_id="Asia/Shanghai", **options
        )
    )


def accessibility_violations(page: Page, *, ignore: tuple[str, ...] = ()) -> list[str]:
    """What axe-core finds wrong with a page under WCAG 2.2 A and AA, one sentence per rule and place.

    The checker comes in through the debugger, so the page's own content policy stays as it is.
    """
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(
        """() => axe.run(document, {
            runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
            resultTypes: ["violations"],
        })"""
    )
    return [
        f"{violation['id']} ({violation['impact']}): {violation['help']} — {node['target']} {node['html'][:160]}"
        for violation in found["violations"]
        if violation["id"] not in ignore
        for node in violation["nodes"]
    ]


def overflows(page: Page) -> int:
    """How many pixels a page is wider than its window; 0 where nobody has to scroll sideways."""
    return int(page.evaluate("() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth)"))
