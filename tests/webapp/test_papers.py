"""The papers of registration and nomination at their addresses: who may print which, and that each is a file to keep."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from election.nomination.models import Application, BranchBallot
from election.notices.models import Notice, NoticeKind
from tests.support.nominating import handed_in
from tests.support.paper import pages_of
from tests.webapp.conftest import CountySite, MakeSite, Visitor


@pytest.fixture
def at(county_site: MakeSite) -> CountySite:
    return county_site("handed in", handed_in)


def notice(at: CountySite, kind: NoticeKind) -> int:
    with at.county.reading() as session:
        return session.scalars(select(Notice.id).where(Notice.kind == kind)).one()


def papers(at: CountySite) -> dict[str, str]:
    """What each paper of the county goes by → its address. Applications and ballots: the first of branch u1-b1."""
    branch = at.county.branches["u1-b1"]
    with at.county.reading() as session:
        application = session.scalars(
            select(Application.id).where(Application.branch_id == branch).order_by(Application.id)
        ).first()
        ballot = session.scalars(select(BranchBallot.id).where(BranchBallot.branch_id == branch)).first()
    return {
        "electors": f"notices/{notice(at, NoticeKind.ELECTORS)}.pdf",
        "electors of u1": f"notices/{notice(at, NoticeKind.ELECTORS)}.pdf?unit=u1",
        "candidates": f"notices/{notice(at, NoticeKind.CANDIDATES)}.pdf",
        "absentees": "units/u1/absentees.pdf",
        "application": f"branches/{branch}/applications/{application}.pdf",
        "blank": "application.pdf",
        "ballot": f"branches/{branch}/ballots/{ballot}.pdf",
        "review": f"reviews/{application}.pdf",
        "proposal": "units/u1/proposals/1.pdf",
        "slates": "units/u1/slates.pdf",
    }


ALL = (
    "electors",
    "electors of u1",
    "candidates",
    "absentees",
    "application",
    "blank",
    "ballot",
    "review",
    "proposal",
    "slates",
)
MAY_PRINT = {
    "office": {"electors", "electors of u1", "candidates", "absentees", "application", "blank", "ballot", "review",
               "proposal", "slates"},
    "u1": {"electors", "electors of u1", "candidates", "absentees", "application", "blank", "ballot", "proposal",
           "slates"},
    "u2": {"electors", "candidates", "blank"},
    "u1-b1": {"application", "blank", "ballot"},
    "u2-b1": {"blank"},
    "approver": set(),
}  # fmt: skip


def address(at: CountySite, name: str) -> str:
    return at.page(f"/papers/{papers(at)[name]}")


@pytest.mark.parametrize("desk", MAY_PRINT)
def test_everyone_prints_what_belongs_to_their_desk_and_nothing_else(at: CountySite, desk: str) -> None:
    person = at.at(desk)
    for name in ALL:
        response = person.get(address(at, name))
        assert response.status_code == (200 if name in MAY_PRINT[desk] else 403), name
        if response.status_code == 200:
            assert response.mimetype == "application/pdf" and response.data.startswith(b"%PDF"), name
            assert "attachment" in response.headers["Content-Disposition"]


def text_of(person: Visitor, path: str) -> str:
    return "".join(pages_of(person.get(path).data))


def test_a_clerk_s_notice_is_the_own_unit_s_part(at: CountySite) -> None:
    path = address(at, "electors")
    whole, own, asked = text_of(at.at("office"), path), text_of(at.at("u1"), path), text_of(at.at("u2"), path)
    assert "第1镇选举人名单" in whole and "第2镇选举人名单" in whole
    assert "第1镇" in own and "第2镇" not in own and "第2镇" in asked and "第1镇" not in asked
    assert own == text_of(at.at("office"), address(at, "electors of u1"))


def test_what_is_not_there_is_not_found(at: CountySite) -> None:
    office, branch = at.at("office"), at.county.branches["u1-b1"]
    other = at.county.branches["u2-b1"]
    application = papers(at)["application"].rpartition("/")[2]
    for path in (
        "notices/999.pdf",
        f"notices/{notice(at, NoticeKind.ELECTORS)}.pdf?unit=u99",
        f"branches/{branch}/applications/999.pdf",
        f"branches/{other}/applications/{application}",
        f"branches/{branch}/ballots/999.pdf",
        "reviews/999.pdf",
        "units/u1/proposals/99.pdf",
        "units/u99/slates.pdf",
    ):
        assert office.get(at.page(f"/papers/{path}")).status_code == 404, path


def test_a_paper_is_read_with_few_statements_and_is_the_same_file_again(at: CountySite) -> None:
    person = at.at("office")
    for name in ALL:
        path = address(at, name)
        first = person.get(path).data
        statements = at.site.listen()
        statements.clear()
        assert person.get(path).data == first, name
        assert len(statements) <= 30, name


def test_a_paper_is_filed_under_its_title(at: CountySite) -> None:
    from urllib.parse import unquote

    told = unquote(at.at("u1").get(address(at, "slates")).headers["Content-Disposition"])
    assert "代表候选人名单 第1镇.pdf" in told


def test_each_page_offers_its_paper(at: CountySite) -> None:
    found = papers(at)
    branch, application = at.county.branches["u1-b1"], found["application"].rpartition("/")[2].removesuffix(".pdf")
    for desk, page, name in (
        ("u1-b1", f"/branches/{branch}/", "ballot"),
        ("u1-b1", f"/branches/{branch}/applications/{application}", "application"),
        ("office", f"/office/reviews/{application}", "review"),
        ("office", "/office/slates/u1", "slates"),
        ("office", f"/office/notices/{notice(at, NoticeKind.CANDIDATES)}", "candidates"),
        ("office", f"/office/notices/{notice(at, NoticeKind.ELECTORS)}", "electors"),
        ("u1", "/units/u1/", "slates"),
        ("u1", "/units/u1/nominees", "proposal"),
    ):
        response = at.at(desk).get(at.page(page))
        assert response.status_code == 200, page
        assert f'href="{at.page(f"/papers/{found[name]}")}"' in response.text, page
