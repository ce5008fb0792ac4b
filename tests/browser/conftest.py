"""What every journey may ask for: an empty system, served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from election.people.act import acting
from election.people.actor import SYSTEM
from election.people.operations import create_first_administrator
from election.store.database import Database
from election.store.installation import begin_installation
from election.store.migrations import upgrade_to_head
from tests.support.journeys import PASSWORD
from tests.support.serving import served
from webapp.application import create_app
from webapp.settings import Settings


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """An empty system with its first administrator, as `init` leaves it, served."""
    settings = Settings(tmp_path, f"sqlite:///{tmp_path / 'xiheng.db'}")
    database = Database(settings.database_url)
    upgrade_to_head(database)
    with acting(database, SYSTEM) as act:
        begin_installation(act.session, demo=False, now=act.now)
        create_first_administrator(act, "系统管理员", "admin", PASSWORD)
    with served(create_app(settings, database=database)) as served_at:
        yield served_at
    database.close()
