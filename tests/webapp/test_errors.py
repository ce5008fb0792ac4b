"""What goes wrong is said once, in words, with its status and every header, and never with a trace of the program."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from election.errors import Forbidden, Invalid, NotFound, Refused, Stale
from election.machine import Words
from tests.support.county import begin
from tests.webapp.conftest import CountySite, MakeSite, Site
from webapp.access import public
from webapp.application import LARGEST_UPLOAD, create_app
from webapp.settings import Settings

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
}


@pytest.fixture
def at(county_site: MakeSite) -> CountySite:
    return county_site("begun", begin)


def breaking(site: Site, raise_: Callable[[], object]) -> None:
    """An address of its own that breaks as asked."""
    own = site.app.extensions
    site.app = create_app(
        Settings(own["xiheng.data"], site.database.url),
        database=site.database,
        keys=own["xiheng.keys"],
        clock=own["xiheng.clock"],
    )
    site.app.add_url_rule("/break", "break", public(lambda: raise_()), methods=["GET", "POST"])
    site.app.add_url_rule("/break.json", "break-json", public(lambda: raise_()))


def raising(error: Exception) -> Callable[[], object]:
    def run() -> object:
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (Refused("people.name_missing"), 422, "请填写姓名。"),
        (Forbidden("people.person_needed"), 403, "这件事须由具体的人办理。"),
        (NotFound("congress.none"), 404, "没有这届党代会。"),
        (Stale("store.stale", what="名单"), 409, "名单在您打开页面之后已被修改"),
        (Invalid([Refused("people.name_missing"), Refused("rules.none", name="甲")]), 422, "没有“甲”这条规则。"),
        (ValueError("secret of the program"), 500, "系统出了故障"),
        (KeyError("secret"), 500, "系统出了故障"),
        (OverflowError("Python int too large to convert to SQLite INTEGER"), 400, "不完整或有误"),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else "",
)
def test_every_error_becomes_its_status_and_its_sentence_as_page_and_as_json(
    site: Site, error: Exception, status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    breaking(site, raising(error))
    for person in (site.visitor(), site.visitor("admin")):
        page = person.get("/break")
        assert page.status_code == status and said in page.text and "<h1>" in page.text
        assert "Traceback" not in page.text and "secret" not in page.text
        for path, headers in (("/break.json", {}), ("/break", {"Accept": "application/json"})):
            told = person.get(path, headers=headers)
            assert told.status_code == status and told.mimetype == "application/json"
            assert any(said in one["zh"] and one["en"] for one in json.loads(told.data)["refused"])
    assert "secret" not in capsys.readouterr().err  # the log names kinds and places, nothing else


def test_a_broken_database_still_answers_with_a_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    person = site.visitor("admin")

    def broken(*_: object) -> object:
        raise ConnectionError("the database is gone")

    monkeypatch.setattr(site.database, "reading", broken)
    for path in ("/admin/", "/sign-in", "/", "/board/x.json"):
        answer = person.get(path)
        assert answer.status_code == 500 and "gone" not in answer.text, path
        assert answer.headers["Content-Security-Policy"]


def test_the_page_speaks_the_language_of_the_browser(site: Site) -> None:
    breaking(site, raising(Refused("rules.frozen", rule=Words("甲", "First"), action=Words("乙", "second"))))
    person = site.visitor()
    assert "“甲”已在乙时" in person.get("/break").text
    person.get("/language?to=en")
    assert "“First” was fixed when it was first used (second)" in person.get("/break").text


@pytest.mark.parametrize(
    "path",
    [
        "/", "/sign-in", "/healthz", "/nowhere", "/board/nowhere", "/board/nowhere.json", "/results/nowhere", "/home",
        "/static/base.css", "/static/nowhere.css", "/results/nowhere.csv", "/account", "/admin/", "/admin/accounts/999",
    ],
)  # fmt: skip
def test_every_answer_carries_every_security_header(site: Site, path: str) -> None:
    for person in (site.visitor(), site.visitor("admin")):
        answer = person.get(path, buffered=True)
        for name, value in HEADERS.items():
            assert answer.headers[name].startswith(value), (path, name)
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers.get("Server", "").lower() in ("", "werkzeug") and "X-Powered-By" not in answer.headers
        if not path.startswith("/static/"):
            assert answer.headers["Cache-Control"] in ("no-store", "no-cache"), path


def test_an_unknown_address_is_not_found_in_words_and_in_json(site: Site) -> None:
    person = site.visitor()
    for path in (
        "/nowhere",
        "/c/",
        "/board/",
        "/results/",
        "/admin/nowhere",
        "/%00",
        "/../etc/passwd",
        "/" + "x" * 4000,
    ):
        page = person.get(path)
        assert page.status_code in (404, 308), path
        assert "没有" in page.text or page.status_code == 308
    told = person.get("/nowhere.json")
    assert told.status_code == 404
    assert json.loads(told.data)["refused"][0] == {
        "code": "web.not_found", "field": None, "zh": "没有这个页面。", "en": "There is no such page."
    }  # fmt: skip
    for path in ("/board/nowhere.json", "/results/nowhere.json"):
        assert person.get(path).status_code == 404 and person.get(path).mimetype == "application/json"


@pytest.mark.parametrize("code", ["a\x00b", "%00", "x" * 500, "选", "'; DROP TABLE congress --", "../../etc"])
def test_a_strange_congress_is_not_found_or_a_bad_request(site: Site, code: str) -> None:
    person = site.visitor("admin")
    for path in (f"/board/{code}", f"/board/{code}.json", f"/results/{code}", f"/c/{code}/"):
        assert person.get(path).status_code in (400, 404), path


def test_a_wrong_method_is_told_so(site: Site) -> None:
    answer = site.visitor().get("/sign-out")
    assert answer.status_code == 405 and "不能这样使用" in answer.text


def test_too_much_is_refused_before_it_is_read(site: Site) -> None:
    person = site.visitor("admin")
    answer = person.client.post(
        "/admin/accounts/new",
        data=b"",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(LARGEST_UPLOAD + 1)},
    )
    assert answer.status_code == 413 and "太大" in answer.text
    part = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n' + b"x" * (3 * 1024 * 1024) + b"\r\n--x--\r\n"
    many = person.client.post("/admin/accounts/new", data=part, content_type="multipart/form-data; boundary=x")
    assert many.status_code == 413


def test_a_refused_page_leads_back_and_never_to_a_stranger_s_site(at: CountySite) -> None:
    office = at.at("office")
    answer = office.post(at.page("/phase"), {"from": "preparation", "to": "registration"})
    assert answer.status_code == 422 and re.search(r'href="/"', answer.text)
    elsewhere = office.post(
        at.page("/phase"), {"from": "preparation", "to": "registration"}, headers={"Referer": "javascript:alert(1)"}
    )
    assert "javascript:" not in elsewhere.text
    before = office.post(
        at.page("/phase"), {"from": "preparation", "to": "registration"}, headers={"Referer": "http://localhost/home"}
    )
    assert 'href="http://localhost/home"' in before.text


# Forbidden, stale and bad, at real pages


def test_forbidden_stale_and_bad_have_their_statuses(at: CountySite) -> None:
    office = at.at("office")
    assert at.at("approver").post(at.page("/phase"), {"from": "preparation", "to": "registration"}).status_code == 403
    stale = office.post(at.page("/phase"), {"from": "nomination", "to": "election"})
    assert stale.status_code == 409 and "阶段在您打开页面之后已被修改" in stale.text
    assert office.post(at.page("/phase"), {"from": "preparation", "to": "nonsense"}).status_code == 422
    assert office.post(at.page("/phase"), {}).status_code == 422
    assert office.post(at.page("/office/board"), {"mode": "nonsense"}).status_code == 422
