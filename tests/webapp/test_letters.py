"""Seat letters at the desks: the office's list and its paper receipts, the unit's letter and its signing, the files."""

from __future__ import annotations

import html
import io
import re

import openpyxl
import pytest

from election.quotas.hand import Change
from election.quotas.models import ChangeKind
from election.quotas.operations import approve_scheme, compute_scheme, submit_scheme
from election.quotas.queries import approved_scheme
from election.quotas.queries_letters import LetterLine, letters_of_scheme
from election.store.installation import begin_installation
from tests.election.quotas.conftest import made
from tests.election.quotas.making import approved, run
from tests.election.quotas.test_operations_letters import assign, with_letters
from tests.support.paper import pages_of
from tests.webapp.conftest import CountySite, MakeSite

LETTERS = "/office/schemes/1/letters"
MINE = "/units/u1/letter"


@pytest.fixture
def at(county_site: MakeSite) -> CountySite:
    return county_site("letters at the desk", with_letters)


def letter(at: CountySite, unit: str = "u1") -> LetterLine:
    with at.site.database.reading() as session:
        scheme = approved_scheme(session, at.county.congress_id)
        assert scheme is not None
        return next(one for one in letters_of_scheme(session, scheme) if one.letter.unit == unit)


def hand_over(at: CountySite, seats: int) -> None:
    """A second version in force, with so many seats for the first unit."""
    made = [Change(ChangeKind.UNIT, "u1", None, "", seats, locked=True)]
    number = run(at.county, "office", compute_scheme, changes=made, reason="照顾小村").number
    run(at.county, "office2", submit_scheme, number)
    run(at.county, "approver", approve_scheme, number)


def text(page: str) -> str:
    """The words of a page, without its tags and white space."""
    return re.sub(r"\s+", "", html.unescape(re.sub(r"<[^>]+>", "", page)))


# The office


def test_the_list_counts_what_is_signed_for(at: CountySite) -> None:
    page = at.at("office").get(at.page(LETTERS))
    assert page.status_code == 200
    assert "通知（份）2已签收0/2未签收2" in text(page.text)
    assert page.text.count("登记回执") >= 2
    at.at("u1").post(at.page(MINE), {"seen": letter(at).hash})
    said = text(at.at("office").get(at.page(LETTERS)).text)
    assert "已签收1/2未签收1" in said and "本人在系统签收" in said and "经办u1" in said


def test_the_current_letters_are_those_of_the_approved_scheme(at: CountySite) -> None:
    office = at.at("office")
    assert office.get(at.page("/office/letters")).location.endswith(LETTERS)
    assign(at.county)
    approved(at.county)
    assert office.get(at.page("/office/letters")).location.endswith("/schemes/2/letters")
    old = office.get(at.page(LETTERS)).text
    assert "已取代" in old and "登记纸质回执" not in old and "/schemes/2/letters" in old


def test_the_list_marks_whose_seats_changed(at: CountySite) -> None:
    office = at.at("office")
    assert "变动" not in office.get(at.page(LETTERS)).text
    hand_over(at, 11)
    said = text(office.get(at.page("/office/schemes/2/letters")).text)
    assert "变动" in said and "名额有变动的单位2" in said
    moved = letter(at).changes
    assert moved and all(f"{one.name}{one.before}→{one.after}" in said for one in moved)


def test_the_unit_reads_what_changed_and_which_letter_is_void(at: CountySite) -> None:
    hand_over(at, 11)
    unit = at.at("u1")
    screen = text(unit.get(at.page(MINE)).text)
    assert "原名额通知〔2031〕1号同时作废" in screen and "与原通知相比：" in screen and "合计由10名改为11名" in screen
    assert "本通知已由名额通知〔2031〕3号取代" in text(unit.get(at.page(f"{MINE}?number=1")).text)


def test_before_an_approval_there_is_an_empty_list(county_site: MakeSite) -> None:
    at = county_site("to be divided", made)
    page = at.at("office").get(at.page("/office/letters"))
    assert page.status_code == 200 and "方案批准以后" in page.text
    assert "方案批准以后" in at.at("u1").get(at.page(MINE)).text
    assert at.at("u1").get(at.page("/units/u1/letter.pdf")).status_code == 404


def test_a_paper_receipt_is_recorded(at: CountySite) -> None:
    office = at.at("office")
    sent = office.post(at.page(LETTERS), {"unit": "u2", "received_by": "王某", "received_on": "2031-03-03"})
    assert sent.status_code == 302
    said = text(office.get(at.page(LETTERS)).text)
    assert "王某2031年3月3日经办office登记纸质回执" in said


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"received_by": ""}, "请填写签收人姓名。"),
        ({"received_on": ""}, "请填写回执上的签收日期。"),
        ({"received_on": "2031-03-04"}, "不能晚于今天"),
        ({"received_on": "2031-03-01"}, "不能早于通知印发日2031年3月3日"),
        ({"received_by": "长" * 61}, "太长"),
    ],
)
def test_what_is_wrong_with_a_receipt_stands_at_its_field_and_nothing_typed_is_lost(
    at: CountySite, given: dict[str, str], words: str
) -> None:
    sent = {"unit": "u2", "received_by": "王某", "received_on": "2031-03-03"} | given
    page = at.at("office").post(at.page(LETTERS), sent)
    assert page.status_code == 422
    assert words in re.sub(r"<[^>]+>", "", page.text[page.text.index("field-errors") :])
    assert all(f'value="{value}"' in page.text for value in (sent["received_by"], sent["received_on"]) if value)
    assert '<option selected value="u2">' in page.text
    assert not letter(at, "u2").received


def test_a_receipt_of_a_unit_that_is_not_there_or_was_signed_is_refused(at: CountySite) -> None:
    office = at.at("office")
    sent = {"unit": "u9", "received_by": "王某", "received_on": "2031-03-03"}
    assert office.post(at.page(LETTERS), sent).status_code == 404
    at.at("u1").post(at.page(MINE), {"seen": letter(at).hash})
    again = office.post(at.page(LETTERS), sent | {"unit": "u1"})
    assert again.status_code == 422 and "已由经办u1于" in again.text


def test_a_row_leads_to_the_form_for_its_unit(at: CountySite) -> None:
    assert '<option selected value="u2">' in at.at("office").get(at.page(f"{LETTERS}?unit=u2")).text


def test_the_approver_reads_and_records_nothing(at: CountySite) -> None:
    approver = at.at("approver")
    page = approver.get(at.page(LETTERS))
    assert page.status_code == 200 and "登记回执" not in page.text
    sent = {"unit": "u2", "received_by": "王某", "received_on": "2031-03-03"}
    assert approver.post(at.page(LETTERS), sent).status_code == 403


def test_a_paper_receipt_recorded_wrongly_is_corrected_with_its_reason(at: CountySite) -> None:
    office = at.at("office")
    office.post(at.page(LETTERS), {"unit": "u2", "received_by": "王某", "received_on": "2031-03-03"})
    page = office.get(at.page(f"{LETTERS}?correct=u2")).text
    assert "更正第2镇的回执" in page and 'value="王某"' in page
    sent = {"unit": "u2", "received_by": "李某", "received_on": "2031-03-03", "reason": ""}
    again = office.post(at.page(f"{LETTERS}/correct"), sent)
    assert again.status_code == 422 and "请写明更正的理由。" in again.text and 'value="李某"' in again.text
    assert office.post(at.page(f"{LETTERS}/correct"), sent | {"reason": "看错了字"}).status_code == 302
    assert "李某2031年3月3日" in text(office.get(at.page(LETTERS)).text)
    told = text(office.get(at.page("/office/audit")).text)
    assert "更正名额通知回执" in told and "签收人王某、日期2031年3月3日" in told and "看错了字" in told


def test_a_receipt_of_the_wrong_unit_is_taken_back(at: CountySite) -> None:
    office = at.at("office")
    office.post(at.page(LETTERS), {"unit": "u2", "received_by": "王某", "received_on": "2031-03-03"})
    sent = {"unit": "u2", "received_by": "王某", "received_on": "2031-03-03", "nobody": "y", "reason": "登记错了单位"}
    assert office.post(at.page(f"{LETTERS}/correct"), sent).status_code == 302
    assert not letter(at, "u2").received


def test_what_was_signed_on_screen_offers_no_correction(at: CountySite) -> None:
    at.at("u1").post(at.page(MINE), {"seen": letter(at).hash})
    office = at.at("office")
    for path in (LETTERS, f"{LETTERS}?correct=u1", f"{LETTERS}?correct=u9"):
        page = office.get(at.page(path))
        assert page.status_code == 200 and "更正" not in page.text
    sent = {"unit": "u1", "received_by": "李某", "received_on": "2031-03-03", "reason": "x"}
    answer = office.post(at.page(f"{LETTERS}/correct"), sent)
    assert answer.status_code == 422 and "本人在系统签收，不能由他人更正" in answer.text
    assert office.post(at.page(f"{LETTERS}/correct"), sent | {"unit": "u9"}).status_code == 404


@pytest.mark.parametrize(
    "path", [LETTERS, f"{LETTERS}.pdf", "/office/schemes/1/plan.pdf", "/office/schemes/1/plan.xlsx"]
)
def test_units_and_branches_do_not_see_the_office_s_papers(at: CountySite, path: str) -> None:
    for who in ("u1", "u1-b1"):
        assert at.at(who).get(at.page(path)).status_code == 403
    assert at.site.visitor().get(at.page(path)).status_code == 302


# Files


def test_all_letters_come_in_one_file_or_one_by_one(at: CountySite) -> None:
    office = at.at("office")
    every = office.get(at.page(f"{LETTERS}.pdf"))
    assert every.mimetype == "application/pdf"
    assert every.headers["Content-Disposition"].startswith("attachment;")
    assert [letter(at, unit).hash in page for unit, page in zip(("u1", "u2"), pages_of(every.data), strict=True)] == [
        True,
        True,
    ]
    (one,) = pages_of(office.get(at.page(f"{LETTERS}.pdf?unit=u2")).data)
    assert letter(at, "u2").hash in one
    assert office.get(at.page(f"{LETTERS}.pdf?unit=u9")).status_code == 404
    assert office.get(at.page("/office/schemes/7/letters.pdf")).status_code == 404


def test_the_plan_is_handed_out_as_paper_and_as_a_workbook(at: CountySite) -> None:
    office = at.at("office")
    paper = office.get(at.page("/office/schemes/1/plan.pdf"))
    assert paper.mimetype == "application/pdf" and "代表名额分配证书" in "".join(pages_of(paper.data))
    book = office.get(at.page("/office/schemes/1/plan.xlsx"))
    assert openpyxl.load_workbook(io.BytesIO(book.data)).sheetnames == ["名额分配表", "证书"]


def test_the_papers_of_a_demo_say_so(at: CountySite) -> None:
    with at.site.database.writing() as session:
        begin_installation(session, demo=True, now=at.county.now)
    office, unit = at.at("office"), at.at("u1")
    files = [office.get(at.page(f"/office/schemes/1/{name}.pdf")) for name in ("letters", "plan")]
    for made_file in (*files, unit.get(at.page("/units/u1/letter.pdf"))):
        assert all("演示" in page for page in pages_of(made_file.data))


# The unit


def test_the_unit_reads_on_screen_what_stands_on_paper(at: CountySite) -> None:
    unit = at.at("u1")
    screen = text(unit.get(at.page(MINE)).text)
    (paper,) = pages_of(unit.get(at.page("/units/u1/letter.pdf")).data)
    shown = letter(at)
    for words in (
        shown.hash,
        shown.letter.reference,
        shown.letter.scheme_hash,
        "差额比例不低于20%",
        "中共某县委组织部",
    ):
        assert words in screen and words in paper


def test_the_clerk_signs_once(at: CountySite) -> None:
    unit = at.at("u1")
    assert "确认签收" in unit.get(at.page(MINE)).text
    assert unit.post(at.page(MINE), {"seen": letter(at).hash}).location.endswith(MINE)
    page = unit.get(at.page(MINE)).text
    assert "确认签收" not in page and "本人在系统签收" in page
    again = unit.post(at.page(MINE), {"seen": letter(at).hash})
    assert again.status_code == 422 and "已由经办u1于" in again.text


def test_a_letter_that_was_replaced_meanwhile_is_not_signed_for(at: CountySite) -> None:
    unit, seen = at.at("u1"), letter(at).hash
    assign(at.county)
    approved(at.county)
    stale = unit.post(at.page(MINE), {"seen": seen})
    assert stale.status_code == 409 and "已被修改" in stale.text
    page = unit.get(at.page(MINE)).text
    assert "名额通知〔2031〕3号" in page and "名额通知〔2031〕1号" in page
    old = unit.get(at.page(f"{MINE}?number=1")).text
    assert "已取代" in old and "确认签收" not in old
    assert unit.get(at.page(f"{MINE}?number=2")).status_code == 404
    assert unit.get(at.page(f"{MINE}?number=x")).status_code == 404


def test_another_unit_s_letter_is_closed(at: CountySite) -> None:
    other = at.at("u2")
    assert other.get(at.page(MINE)).status_code == 403
    assert other.post(at.page(MINE), {"seen": letter(at).hash}).status_code == 403
    assert at.at("office").get(at.page(MINE)).status_code == 403


def test_both_desks_are_told_what_waits(at: CountySite) -> None:
    assert "2 份名额通知还没有签收" in at.at("office").get(at.page("/")).text
    unit = at.at("u1")
    assert "名额通知待签收" in unit.get(at.page("/")).text
    assert "待签收" in unit.get(at.page("/units/u1/")).text
    unit.post(at.page(MINE), {"seen": letter(at).hash})
    assert "名额通知待签收" not in unit.get(at.page("/")).text
    assert "1 份名额通知还没有签收" in at.at("office").get(at.page("/")).text


def test_the_list_asks_the_database_the_same_however_many_letters_there_are(at: CountySite) -> None:
    office = at.at("office")
    office.get(at.page(LETTERS))
    statements = at.site.listen()
    statements.clear()
    office.get(at.page(LETTERS))
    assert len(statements) <= 30
