"""The command line: what each command says and leaves behind; bad input is one line, exit 2, and nothing written."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from election.demo import STAGES
from election.lot import recorded
from election.store.database import Database
from tests.house.sources import ROOT
from tests.support.serving import free_port
from tests.webapp.conftest import MONDAY, Site
from webapp.application import create_app, limiter
from webapp.cli import main
from webapp.settings import DATABASE_FILE, load_keys, read_settings

PROBLEM = {
    "format": "allocation-problem/1",
    "total": 9,
    "units": [{"id": "u1", "weight": 2}, {"id": "u2", "weight": 1}],
    "categories": [{"id": "a", "share": "0.6"}, {"id": "b", "share": "0.4"}],
    "weights": [[20, 10], [10, 10]],
}
CONTEST = {
    "format": "contest/1",
    "kind": "contested",
    "seats": 1,
    "electors": {"expected": 30, "present": 28},
    "ballots": {"issued": 28, "returned": 28, "valid": 28, "spoiled": 0},
    "candidates": [{"id": "c1", "for": 20, "against": 8, "abstain": 0}, {"id": "c2", "for": 8, "against": 20, "abstain": 0}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_from_the_caller(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in ("DATABASE_URL", "XIHENG_DATA", "XIHENG_HTTPS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    before = os.umask(0o022)
    yield
    os.umask(before)


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def bad_input(*words: str | Path) -> str:
    """The one line with which the command refuses."""
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert result.stderr.endswith("\n") and result.stderr.count("\n") == 1, result.stderr
    assert "Traceback" not in result.stderr
    return result.stderr


def written(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content), "utf-8")
    return path


# Bad input


UNREADABLE = {
    "empty": b"",
    "binary": bytes(range(256)),
    "not utf-8": '{"format": "选"}'.encode("gb18030"),
    "no json": b"{",
    "a list": b"[]",
    "a number": b"3",
    "nothing": b"null",
    "another format": b'{"format": "something/9"}',
    "no format": b"{}",
    "nested without end": b"[" * 100_000,
    "a doubled key": b'{"format": "contest/1", "format": "contest/1"}',
    "a number without end": b'{"format": "contest/1", "seats": ' + b"9" * 6000 + b"}",
    "an unknown key": b'{"format": "contest/1", "colour": "red"}',
}


@pytest.mark.parametrize("kind", UNREADABLE)
@pytest.mark.parametrize("command", ["allocate", "check", "decide"])
def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, command: str, kind: str) -> None:
    path = tmp_path / "input.json"
    path.write_bytes(UNREADABLE[kind])
    assert bad_input(command, path, *([path] if command == "check" else []))
    assert [each.name for each in tmp_path.iterdir()] == ["input.json"]


@pytest.mark.parametrize("command", ["allocate", "decide"])
@pytest.mark.parametrize("place", ["missing.json", ".", "", "missing/input.json", "x" * 300, "a\nb.json"])
def test_a_place_without_a_file_is_one_line(command: str, place: str) -> None:
    assert bad_input(command, place)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nonsense"], "nonsense"),
        (["--nonsense"], "--nonsense"),
        (["allocate"], "PROBLEM"),
        (["allocate", "a", "b"], "b"),
        (["allocate", "a.json", "-o"], "-o"),
        (["check", "a.json"], "ALLOCATION"),
        (["demo"], "--stage"),
        (["demo", "--stage", "nonsense"], "configured, registered, nominated, counting, published"),
        (["demo", "--stage", ""], "--stage"),
        (["serve", "--port", "abc"], "--port"),
        (["serve", "--port", "0"], "--port"),
        (["serve", "--port", "70000"], "--port"),
        (["audit", "nonsense"], "nonsense"),
        (["audit", "verify", "--data"], "--data"),
        (["init", "extra"], "extra"),
    ],
)
def test_a_wrong_word_is_named_in_one_line(words: list[str], said: str) -> None:
    assert said in bad_input(*words)


@pytest.mark.parametrize("words", [["--help"], ["init", "--help"], ["audit", "--help"]])
def test_help_is_no_error(words: list[str]) -> None:
    result = run(*words)
    assert result.exit_code == 0 and "Usage" in result.stdout and result.stderr == ""


@pytest.mark.parametrize("out", ["out.txt", "out", "missing/out.json", "."])
def test_an_allocation_is_written_to_a_right_place_or_nowhere(tmp_path: Path, out: str) -> None:
    problem = written(tmp_path / "problem.json", PROBLEM)
    bad_input("allocate", problem, "-o", tmp_path / out)
    assert [each.name for each in tmp_path.iterdir()] == ["problem.json"]


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://nowhere/x", "postgresql://nobody@127.0.0.1:1/x", "postgresql://[", "sqlite:////"]
)
@pytest.mark.parametrize("words", [["init"], ["audit", "verify"], ["demo", "--stage", "configured"]])
def test_a_database_that_cannot_be_opened_is_one_line(monkeypatch: pytest.MonkeyPatch, url: str, words) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    bad_input(*words)


@pytest.mark.parametrize("words", [["init"], ["audit", "verify"], ["demo", "--stage", "configured"], ["serve"]])
def test_a_data_folder_that_is_a_file_or_lies_below_one_is_one_line(tmp_path: Path, words: list[str]) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    for place in (file, file / "below"):
        bad_input(*words, "--data", place)
    assert file.read_text() == "mine"


@pytest.mark.parametrize("words", [["init"], ["audit", "verify"], ["demo", "--stage", "configured"], ["serve"]])
def test_a_database_that_is_none_is_left_alone(tmp_path: Path, words: list[str]) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / DATABASE_FILE).write_bytes(b"not a database" * 100)
    bad_input(*words, "--data", data)
    assert (data / DATABASE_FILE).read_bytes() == b"not a database" * 100


# Commands


def test_allocate_check_and_decide_answer_as_they_are_to(tmp_path: Path) -> None:
    problem = written(tmp_path / "problem.json", PROBLEM)
    printed = run("allocate", problem)
    answer = json.loads(printed.stdout)
    assert printed.exit_code == 0 and answer["status"] == "allocated" and sum(answer["unit_seats"]) == 9
    out = tmp_path / "out.json"
    result = run("allocate", problem, "-o", out)
    assert (result.exit_code, result.stdout, json.loads(out.read_text("utf-8"))) == (0, "", answer)
    assert run("check", problem, out).exit_code == 0
    written(out, answer | {"seats": [row[::-1] for row in answer["seats"]]})
    wrong = run("check", problem, out)
    assert wrong.exit_code == 1 and wrong.stdout and wrong.stderr == ""
    decided = run("decide", written(tmp_path / "contest.json", CONTEST))
    assert decided.exit_code == 0 and json.loads(decided.stdout)["elected"] == ["c1"]
    none = run("decide", written(tmp_path / "contest.json", CONTEST | {"electors": {"expected": 0, "present": 0}}))
    assert none.exit_code == 0 and json.loads(none.stdout)["status"] == "rejected"


def test_an_impossible_allocation_is_exit_3_with_its_conflicts(tmp_path: Path) -> None:
    problem = PROBLEM | {"units": [{"id": "u1", "seats": 2}, {"id": "u2", "seats": 3}]}
    result = run("allocate", written(tmp_path / "problem.json", problem))
    answer = json.loads(result.stdout)
    assert result.exit_code == 3 and answer["status"] != "allocated" and answer["conflicts"][0]["zh"]


def initialised(data: Path, *options: str) -> dict[str, str]:
    result = run("init", "--data", data, *options)
    assert result.exit_code == 0, result.output
    return dict(re.findall(r"(login|password): (\S+)", result.stdout))


def test_init_makes_a_system_whose_administrator_signs_in_with_the_printed_password(tmp_path: Path) -> None:
    data = tmp_path / "data"
    told = initialised(data, "--login", "guan", "--name", "管理员")
    settings = read_settings(data)
    database = Database(settings.database_url)
    app = create_app(settings, database=database, keys=load_keys(settings.keys), clock=lambda: MONDAY)
    limiter.reset()
    site = Site(database, app, {"now": MONDAY})
    try:
        person = site.visitor()
        assert person.sign_in("guan", told["password"] + "x").status_code == 422
        first = person.sign_in("guan", told["password"])
        assert (first.status_code, first.location) == (302, "/account")
        # Until the handed-out password is changed, every way leads back to it.
        assert person.get("/admin/").location == "/account"
        changed = person.post(
            "/account", {"old": told["password"], "password": "my own password", "again": "my own password"}
        )
        assert changed.status_code == 302
        assert person.get("/admin/").status_code == 200
    finally:
        database.close()


def test_what_an_installation_holds_is_for_its_owner_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    initialised(data)
    for path in (data / "keys", *(data / "keys").iterdir(), data / DATABASE_FILE):
        assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize("words", [["init"], ["demo", "--stage", "configured"]])
def test_a_folder_that_holds_a_system_is_left_as_it_is(tmp_path: Path, words: list[str]) -> None:
    data = tmp_path / "data"
    initialised(data)
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    assert "holds a system already" in bad_input(*words, "--data", data)
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("options", [["--login", "a b"], ["--login", ""], ["--name", " "], ["--login", "x" * 41]])
def test_an_init_that_is_refused_leaves_no_system_behind(tmp_path: Path, options: list[str]) -> None:
    data = tmp_path / "data"
    bad_input("init", "--data", data, *options)
    assert not (data / DATABASE_FILE).exists()
    initialised(data)


def test_an_init_that_is_refused_leaves_no_table_behind_in_postgresql(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from tests.conftest import stores_of

    stores = stores_of("postgresql", request)
    monkeypatch.setenv("DATABASE_URL", stores.empty())
    data = tmp_path / "data"
    try:
        bad_input("init", "--data", data, "--login", "a b")
        told = initialised(data)
        assert told["login"] == "admin"
        assert "holds a system already" in bad_input("init", "--data", data)
        assert run("audit", "verify", "--data", data).exit_code == 0
    finally:
        stores.discard()


def test_audit_verify_says_intact_or_where_it_broke(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert "holds no system" in bad_input("audit", "verify", "--data", data)
    assert not data.exists()
    initialised(data)
    intact = run("audit", "verify", "--data", data)
    assert intact.exit_code == 0 and re.fullmatch(r"installation: \d+ intact\n", intact.stdout)
    with closing(sqlite3.connect(data / DATABASE_FILE)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in names:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE audit_event SET person_name = '别人' WHERE position = 2")
        connection.commit()
    broken = run("audit", "verify", "--data", data)
    assert broken.exit_code == 1 and broken.stdout.startswith("installation[2]: ")
    assert broken.stderr == "" and broken.stdout.count("\n") == 1


def test_the_folder_comes_from_the_option_then_the_environment_then_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XIHENG_DATA", str(tmp_path / "named"))
    initialised(tmp_path / "asked")
    assert not (tmp_path / "named").exists()
    assert run("init").exit_code == 0 and (tmp_path / "named" / DATABASE_FILE).exists()
    monkeypatch.delenv("XIHENG_DATA")
    assert run("init").exit_code == 0 and (tmp_path / "data" / DATABASE_FILE).exists()


def test_an_unfinished_demo_leaves_no_system_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:

    def breaks(*_: Any) -> None:
        raise OSError(28, "No space left on device", "xiheng.db")

    monkeypatch.setattr("election.demo.build", breaks)
    assert "No space left on device" in bad_input("demo", "--stage", STAGES[0], "--data", tmp_path / "data")
    assert not (tmp_path / "data" / DATABASE_FILE).exists()


# As a program


def program(*words: str | Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "webapp", *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"} | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_program_itself_ends_with_one_line_and_exit_2() -> None:
    with program("decide", "missing.json") as running:
        out, error = running.communicate(timeout=60)
    assert (running.returncode, out, error.count("\n")) == (2, "", 1)


def test_the_site_is_served_until_it_is_told_to_end(tmp_path: Path) -> None:
    data = tmp_path / "data"
    initialised(data)
    port = free_port()
    with program("serve", "--data", data, "--port", str(port)) as running:
        assert running.stdout is not None
        assert f"http://127.0.0.1:{port}/" in running.stdout.readline()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=20) as answer:
            assert answer.status == 200
        with program("serve", "--data", data, "--port", str(port)) as second:
            _, error = second.communicate(timeout=60)
        assert second.returncode == 2 and error.count("\n") == 1 and "--port" in error
        running.send_signal(signal.SIGTERM)
        out, error = running.communicate(timeout=60)
    assert (running.returncode, error) == (0, "")
    assert "demo" not in out  # a real system has no demo logins
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_recorded_lot_is_drawn_again(tmp_path: Path) -> None:
    kept = recorded(["丁一", "王小二", "欧阳平"], "3 1 4")
    file = tmp_path / "lot.json"
    file.write_text(json.dumps(kept, ensure_ascii=False), "utf-8")
    same = run("lot", file)
    assert same.exit_code == 0
    assert [line.split("\t")[1] for line in same.stdout.splitlines()] == [one["name"] for one in kept["order"]]
    file.write_text(json.dumps(kept | {"seed": "3 1 5"}, ensure_ascii=False), "utf-8")
    changed = run("lot", file)
    assert changed.exit_code == 1 and "not the one drawn again" in changed.stderr


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"format": "lot/1", "seed": "", "names": [], "order": []}'])
def test_what_is_no_recorded_lot_is_one_line(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "lot.json"
    if content is not None:
        file.write_bytes(content)
    answer = run("lot", file)
    assert answer.exit_code == 2 and answer.stdout == "" and answer.stderr.count("\n") == 1
