"""What every test may ask for by name, and what holds for all of them: fixed seeds, and no test is ever skipped."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.support import browser as browsers
from tests.support.depth import DEEP, register_profiles
from tests.support.postgres import Cluster, running_cluster
from tests.support.scratch import fastest
from tests.support.statements import share_statements
from tests.support.stores import PostgresStores, SqliteStores, Stores

KINDS = ("sqlite", "postgresql")

register_profiles()
share_statements()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "deep: runs only in `./test --deep`")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the deep tests to `./test --deep`."""
    if DEEP:
        return
    left = [item for item in items if item.get_closest_marker("deep")]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


def refuse_skipping(report: Any, name: str) -> None:
    """A skipped test failed: what is missing has to be put there, not passed over."""
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{name} was skipped; here nothing is: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    refuse_skipping(report, item.nodeid)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    report = yield
    refuse_skipping(report, collector.nodeid)
    return report


# Databases


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A running PostgreSQL of this worker's own."""
    with running_cluster() as running:
        yield running


@pytest.fixture(scope="session")
def _stores() -> dict[str, Stores]:
    return {}


@pytest.fixture(scope="session")
def _embedded_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="xiheng-stores-", dir=fastest()) as folder:
        yield Path(folder)


def stores_of(kind: str, request: pytest.FixtureRequest) -> Stores:
    """The one maker of databases of this kind. PostgreSQL starts when the first test wants it."""
    made: dict[str, Stores] = request.getfixturevalue("_stores")
    if kind not in made:
        if kind == "postgresql":
            made[kind] = PostgresStores(request.getfixturevalue("cluster"))
        else:
            made[kind] = SqliteStores(request.getfixturevalue("_embedded_folder"))
    return made[kind]


@pytest.fixture(params=KINDS)
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    """Makes databases, in a test that runs once on each kind."""
    made = stores_of(request.param, request)
    yield made
    made.discard()


@pytest.fixture
def sqlite_stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    """Makes embedded databases, for a test that is about something else than the kind of database."""
    made = stores_of("sqlite", request)
    yield made
    made.discard()


@pytest.fixture
def database_url(stores: Stores) -> str:
    """The URL of an empty database, once on each kind."""
    return stores.empty()


# Browser


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A running Chromium of this worker's own."""
    with browsers.running_browser(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture
def visitors(browser: Browser) -> Iterator[Callable[..., browsers.Visitor]]:
    """Makes visitors, each signed in by themselves: `visitors()` at a desk, `visitors(PHONE)` with a phone."""
    made: list[browsers.Visitor] = []

    def make(size: tuple[int, int] = browsers.DESK, **options: object) -> browsers.Visitor:
        made.append(browsers.visitor(browser, size, **options))
        return made[-1]

    yield make
    for one in made:
        one.context.close()
    assert [complaint for one in made for complaint in one.complaints] == []


@pytest.fixture
def desk_page(visitors: Callable[..., browsers.Visitor]) -> Page:
    """One page in a window of 1366 × 768."""
    return visitors(browsers.DESK).page()


@pytest.fixture
def phone_page(visitors: Callable[..., browsers.Visitor]) -> Page:
    """One page on a phone of 390 × 844."""
    return visitors(browsers.PHONE).page()


@pytest.fixture
def project() -> Path:
    """The project's own folder."""
    return Path(__file__).resolve().parents[1]
