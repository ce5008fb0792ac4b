"""The tests' own tools do what the tests rely on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page
from sqlalchemy.pool import NullPool

from tests.support.browser import PHONE, Visitor, accessibility_violations, overflows
from tests.support.serving import served
from tests.support.stores import Stores

PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>看板</title>
<meta name="viewport" content="width=device-width"></head><body><main><h1>代表结构</h1>{}</main></body></html>"""


def page(content: str) -> Callable[..., list[bytes]]:
    def application(environ: object, start_response: Callable[..., object]) -> list[bytes]:
        start_response(
            "200 OK",
            [
                ("Content-Type", "text/html; charset=utf-8"),
                ("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'"),
            ],
        )
        return [PAGE.format(content).encode()]

    return application


def fill(url: str) -> None:
    engine = sa.create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE seats (number integer)"))
        connection.execute(sa.text("INSERT INTO seats VALUES (204)"))


def numbers(url: str) -> list[int]:
    with sa.create_engine(url, poolclass=NullPool).connect() as connection:
        return list(connection.scalars(sa.text("SELECT number FROM seats")))


def test_a_database_starts_empty(database_url: str) -> None:
    engine = sa.create_engine(database_url, poolclass=NullPool)
    assert sa.inspect(engine).get_table_names() == []


def test_every_copy_of_a_filled_database_is_its_own(stores: Stores) -> None:
    first, second = stores.copy_of("seats", fill), stores.copy_of("seats", fill)
    engine = sa.create_engine(first, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM seats"))
    assert (numbers(first), numbers(second)) == ([], [204])


def test_a_filled_database_outlives_the_test_that_filled_it(stores: Stores) -> None:
    def never(url: str) -> None:
        raise AssertionError("filled twice")

    stores.copy_of("seats", fill)
    stores.discard()
    assert numbers(stores.copy_of("seats", never)) == [204]


def test_chinese_is_drawn_with_its_own_glyphs(desk_page: Page) -> None:
    """Boxes for missing glyphs are all of one picture; characters are not."""
    with served(page("<p id='a'>席</p><p id='b'>衡</p>")) as address:
        desk_page.goto(address)
        assert desk_page.locator("#a").screenshot() != desk_page.locator("#b").screenshot()


def test_the_checker_finds_what_hinders_a_reader(phone_page: Page) -> None:
    with served(page("<button></button>")) as address:
        phone_page.goto(address)
        assert any(found.startswith("button-name") for found in accessibility_violations(phone_page))


def test_the_checker_is_content_with_a_plain_page(phone_page: Page) -> None:
    with served(page("<p>已确认 23 / 37</p>")) as address:
        phone_page.goto(address)
        assert (accessibility_violations(phone_page), overflows(phone_page)) == ([], 0)


@pytest.mark.parametrize(
    "content", ["<img alt='' src='http://cdn.example/x.png'>", "<p onclick='x()'>x</p>", "<script>x()</script>"]
)
def test_a_page_that_reaches_out_or_breaks_its_policy_is_named(visitors: Callable[..., Visitor], content: str) -> None:
    with served(page(content)) as address:
        visitor = visitors(PHONE)
        visitor.page().goto(address)
        assert visitor.complaints != []
        visitor.complaints.clear()
