"""Every page that a demo login can reach by following links: it answers, is drawn without inline code, and stays quick."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from election.demo import LOGINS, STAGES
from tests.webapp.conftest import CODE, Site, Visitor
from webapp.application import create_app, load_pages
from webapp.settings import Settings

LINK = re.compile(r'<a\b[^>]*\bhref="([^"]*)"')
INLINE = re.compile(r'\sstyle\s*=|<style\b|<script\b(?![^>]*\bsrc=)|\son[a-z]+\s*=\s*"|javascript:', re.IGNORECASE)
MOST_STATEMENTS = 40
# Pages that differ only in a row's number look alike: so many of each are opened.
ALIKE = 3


def endpoint_of(site: Site, path: str) -> str:
    endpoint, _ = site.app.url_map.bind("localhost").match(urlsplit(path).path)
    return str(endpoint)


def crawl(site: Site, visitor: Visitor, start: str) -> dict[str, list[str]]:
    """address → what is wrong with it, for every page reached."""
    statements = site.statements
    found: dict[str, list[str]] = {}
    opened: dict[str, int] = {}
    waiting = [start]
    while waiting:
        path = waiting.pop(0)
        if path in found:
            continue
        endpoint = endpoint_of(site, path)
        if opened.get(endpoint, 0) >= ALIKE:
            continue
        statements.clear()
        page = visitor.get(path)
        if page.status_code == 302:
            waiting.append(page.headers["Location"])
            found[path] = []
            continue
        opened[endpoint] = opened.get(endpoint, 0) + 1
        wrong = [] if page.status_code == 200 else [f"answers {page.status_code}"]
        if len(statements) > MOST_STATEMENTS:
            wrong.append(f"sends {len(statements)} statements")
        if page.mimetype == "text/html":
            wrong += [f"inline: {match.group()}" for match in INLINE.finditer(page.text)]
            for link in LINK.findall(page.text):
                target = urlsplit(urljoin(f"http://localhost{path}", unescape(link)))
                if target.netloc == "localhost" and not target.path.startswith(("/static/", "/language")):
                    waiting.append(target.path + (f"?{target.query}" if target.query else ""))
                if link in ("", "#"):
                    wrong.append("a link leads nowhere")
        found[path] = wrong
    return found


# The second office clerk and teller see what the first see.
PEOPLE = [login for login, _ in LOGINS if login not in ("office2", "teller2")]


# The first stages' pages are among those of the later ones, with less on them.
@pytest.mark.parametrize("stage", [*(pytest.param(one, marks=pytest.mark.deep) for one in STAGES[:2]), *STAGES[2:]])
def test_every_page_of_every_login_answers_quickly_and_without_inline_code(
    demo: Callable[[str], Site], stage: str
) -> None:
    site = demo(stage)
    site.listen()
    for login in PEOPLE:
        found = crawl(site, site.visitor(login), "/home")
        assert {path: wrong for path, wrong in found.items() if wrong} == {}, login
        # The branch's clerk gets a branch when somebody there stands.
        assert f"/c/{CODE}/" in found or login == "admin" or (login == "branch" and stage in STAGES[:2])


def test_the_public_s_pages_answer_quickly_and_without_inline_code(demo: Callable[[str], Site]) -> None:
    site = demo("published")
    site.listen()
    found = crawl(site, site.visitor(), "/")
    assert {path: wrong for path, wrong in found.items() if wrong} == {}
    assert {"/", f"/board/{CODE}", f"/results/{CODE}", f"/results/{CODE}.csv", "/sign-in"} <= set(found)


def test_every_template_is_translated_before_the_first_visitor(site: Site, tmp_path: Path) -> None:
    app = create_app(Settings(tmp_path, site.database.url), database=site.database)
    load_pages(app)
    assert len(app.jinja_env.cache or ()) == len(app.jinja_env.list_templates())
