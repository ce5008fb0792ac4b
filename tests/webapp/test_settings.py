"""The installation's keys are whole or not there, and logs say what broke without saying about whom."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner

from webapp import logs
from webapp.cli import main
from webapp.settings import load_keys


def test_keys_are_made_once_and_kept(tmp_path: Path) -> None:
    made = load_keys(tmp_path / "keys")
    assert load_keys(tmp_path / "keys") == made
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == [
        "identity-lookup.key",
        "identity-sealing.key",
        "session.key",
    ]


def test_half_a_key_is_refused(tmp_path: Path) -> None:
    load_keys(tmp_path / "keys")
    (tmp_path / "keys" / "identity-lookup.key").write_bytes(b"")
    with pytest.raises(OSError, match="not a whole key"):
        load_keys(tmp_path / "keys")


def test_a_log_names_the_kind_and_the_frames_of_an_error_and_nothing_it_said(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    logs.configure()
    try:
        try:
            raise ValueError("Key (login)=(zhang.san) already exists")
        except ValueError as inner:
            raise KeyError("1985-05-05") from inner
    except KeyError as error:
        structlog.get_logger().error("request failed", exc_info=error)
    line = written.getvalue()
    assert "KeyError at" in line and "ValueError at" in line and "test_settings.py" in line
    assert "zhang.san" not in line and "1985" not in line


def test_an_empty_database_that_somebody_named_is_not_filled_with_a_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    if database_url.startswith("sqlite"):
        database_url = "postgresql://nobody@127.0.0.1:1/none"  # not even there: said in one line as well
    monkeypatch.setenv("DATABASE_URL", database_url)
    answer = CliRunner().invoke(main, ["serve", "--data", str(tmp_path), "--port", "1"])
    assert answer.exit_code == 2
    assert len(answer.stderr.strip().splitlines()) == 1
