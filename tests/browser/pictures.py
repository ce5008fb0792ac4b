"""Takes the pictures of the READMEs from the demo county: `python -m tests.browser.pictures`."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Page

from election.demo import PASSWORD, build
from election.demo.county import CODE
from election.people.act import CHINA
from election.store.database import Database
from election.store.migrations import upgrade_to_head
from tests.support.browser import running_browser, visitor
from tests.support.serving import served
from webapp.application import create_app
from webapp.settings import Settings, load_keys

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
# The moment on the demo's own evening at which the pictures are taken, so that a new picture differs only where the pages do.
MOMENT = datetime(2026, 10, 28, 19, 24, tzinfo=CHINA)


def turn_to_farmers(hall: Page) -> None:
    """Turns the contest cards until a contested one with several names stands there."""
    for _ in range(40):
        hall.locator("[data-turn-by='1']").evaluate("button => button.click()")
        if hall.get_by_text("农民代表").first.is_visible():
            return


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(folder, f"sqlite:///{folder / 'xiheng.db'}")
        database, keys = Database(settings.database_url), load_keys(settings.keys)
        upgrade_to_head(database)
        build(database, keys.identity, "counting", lambda line: None)
        app = create_app(settings, database=database, keys=keys, clock=lambda: MOMENT)
        with served(app) as address, running_browser(folder) as browser:
            hall = visitor(browser, (1600, 900)).page()
            hall.clock.install(time=MOMENT)
            hall.goto(f"{address}/board/{CODE}")
            turn_to_farmers(hall)
            hall.screenshot(path=PICTURES / "board.png")
            office = visitor(browser, (1366, 860)).page()
            office.goto(f"{address}/sign-in")
            office.locator("[name=login]").fill("office")
            office.locator("[name=password]").fill(PASSWORD)
            office.locator("main button[type=submit]").click()
            office.goto(f"{address}/c/{CODE}/office/schemes/2?cell=u05.farmer")
            office.wait_for_timeout(300)
            office.screenshot(path=PICTURES / "sheet.png")
        database.close()


if __name__ == "__main__":
    main()
