"""`decide CONTEST`: what is read, what is refused with one line, what is printed."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from election.contests.decide import (
    BadContest,
    decide_command,
    outcome_json,
    parse_contest,
    print_outcome,
    read_contest,
)
from election.contests.outcome import MajorityBase, Quorum, TieRule, WriteInRule, decide


def example() -> dict[str, Any]:
    return {
        "format": "contest/1",
        "kind": "contested",
        "seats": 3,
        "electors": {"expected": 120, "present": 110},
        "ballots": {"issued": 110, "returned": 109, "valid": 107, "spoiled": 2},
        "candidates": [
            {"id": "c1", "for": 90, "against": 10, "abstain": 7},
            {"id": "c2", "for": 80, "against": 20, "abstain": 7},
            {"id": "c3", "for": 65, "against": 40, "abstain": 2},
            {"id": "c4", "for": 65, "against": 42, "abstain": 0},
        ],
        "write_ins": [{"id": "w1", "for": 3, "eligible": True}],
        "rules": {
            "quorum": "4/5",
            "majority_base": "expected",
            "margin": 20,
            "write_in": "against",
            "tie_at_cut": "ballot",
        },
    }


def changed(path: list[Any], value: object) -> dict[str, Any]:
    """The example with one place changed; `...` takes the key away."""
    data = example()
    *way, last = path
    place: Any = data
    for key in way:
        place = place[key]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return data


def run(tmp_path: Path, content: bytes | dict[str, Any]) -> tuple[int, str, str]:
    path = tmp_path / "contest.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    out, err = io.StringIO(), io.StringIO()
    return decide_command(path, out, err), out.getvalue(), err.getvalue()


def test_the_outcome_is_printed_as_the_specification_says(tmp_path):
    status, out, err = run(tmp_path, example())
    assert (status, err) == (0, "")
    assert json.loads(out) == {
        "format": "outcome/1",
        "status": "tie",
        "votes_needed": 61,
        "elected": ["c1", "c2"],
        "tied": ["c3", "c4"],
        "tied_seats": 1,
        "shortfall": 0,
        "follow_up": "tie_ballot",
        "findings": [],
    }


def test_findings_are_printed_in_both_languages(tmp_path):
    status, out, _ = run(tmp_path, changed(["ballots", "valid"], 106))
    printed = json.loads(out)
    assert (status, printed["status"]) == (0, "rejected")
    first = printed["findings"][0]
    assert set(first) == {"code", "severity", "field", "zh", "en"}
    assert (first["code"], first["field"], first["severity"]) == (
        "contest.returned_not_split",
        "ballots.valid",
        "error",
    )
    assert "106" in first["zh"]
    assert "106" in first["en"]


def test_every_outcome_ends_with_nought(tmp_path):
    for expected in (0, 110, 200):
        assert run(tmp_path, changed(["electors", "expected"], expected))[0] == 0


def test_rules_left_out_have_the_defaults_of_the_catalogue():
    data = example()
    del data["rules"]
    rules = parse_contest(data).rules
    assert (rules.quorum, rules.majority_base, rules.margin) == (Quorum(4, 5), MajorityBase.EXPECTED, 20)
    assert (rules.write_in, rules.tie_at_cut) == (WriteInRule.AGAINST, TieRule.BALLOT)
    assert parse_contest(changed(["rules"], {"tie_at_cut": "lot"})).rules.tie_at_cut is TieRule.LOT
    assert parse_contest(changed(["rules"], {"quorum": ">1/2"})).rules.quorum == Quorum(1, 2, more_than=True)


def test_no_write_ins_may_be_left_out():
    assert parse_contest(changed(["write_ins"], ...)).write_ins == ()


def test_counts_may_be_decimal_strings():
    data = changed(["seats"], "3")
    data["candidates"][0]["for"] = "90"
    assert parse_contest(data) == parse_contest(example())


def test_huge_counts_are_exact(tmp_path):
    huge = 10**900
    data = {
        "format": "contest/1",
        "kind": "uncontested",
        "seats": 1,
        "electors": {"expected": 2 * huge, "present": 2 * huge},
        "ballots": {"issued": 2 * huge, "returned": 2 * huge, "valid": 2 * huge, "spoiled": 0},
        "candidates": [{"id": "c1", "for": huge + 1, "against": huge - 1, "abstain": 0}],
        "write_ins": [],
    }
    status, out, _ = run(tmp_path, data)
    assert (status, json.loads(out)["elected"], json.loads(out)["votes_needed"]) == (0, ["c1"], huge + 1)


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (["format"], "contest/2", "format: must be contest/1"),
        (["format"], ..., "format: is missing"),
        (["kind"], "open", "kind: must be one of contested, uncontested, tie_ballot, supplementary, preselection"),
        (
            ["kind"],
            ["contested"],
            "kind: must be one of contested, uncontested, tie_ballot, supplementary, preselection",
        ),
        (["seats"], 0, "seats: must be at least 1"),
        (["seats"], 1.0, "seats: must be an integer"),
        (["seats"], True, "seats: must be an integer"),
        (["seats"], "three", "seats: must be an integer"),
        (["seats"], "３", "seats: must be an integer"),
        (["seats"], None, "seats: must be an integer"),
        (["electors"], [], "electors: must be an object"),
        (["electors", "expected"], -1, "electors.expected: must not be negative"),
        (["electors", "expected"], "-1", "electors.expected: must not be negative"),
        (["electors", "absent"], 1, "electors.absent: unknown key"),
        (["ballots", "spoiled"], ..., "ballots.spoiled: is missing"),
        (["candidates"], {}, "candidates: must be a list"),
        (["candidates", 1], 7, "candidates[1]: must be an object"),
        (["candidates", 1, "for"], 0.5, "candidates[1].for: must be an integer"),
        (["candidates", 1, "name"], "x", "candidates[1].name: unknown key"),
        (["candidates", 1, "id"], "c1", "candidates[1].id: c1 is given twice"),
        (["candidates", 1, "id"], 2, "candidates[1].id: must be a text that is not empty"),
        (["candidates", 1, "id"], "", "candidates[1].id: must be a text that is not empty"),
        (["candidates", 1, "id"], "\ud800", "candidates[1].id: is not valid Unicode"),
        (["write_ins", 0, "id"], "c4", "write_ins[0].id: c4 is given twice"),
        (["write_ins", 0, "eligible"], 1, "write_ins[0].eligible: must be true or false"),
        (["write_ins", 0, "eligible"], ..., "write_ins[0].eligible: is missing"),
        (["rules", "quorum"], "6/5", 'rules.quorum: must be a share such as "4/5" (at least) or ">1/2" (more than)'),
        (["rules", "quorum"], 1, 'rules.quorum: must be a share such as "4/5" (at least) or ">1/2" (more than)'),
        (["rules", "majority_base"], "valid", "rules.majority_base: must be one of expected, present"),
        (["rules", "margin"], -1, "rules.margin: must not be negative"),
        (["rules", "write_in"], "on", "rules.write_in: must be one of against, against_or_abstain, off"),
        (["rules", "tie_at_cut"], "age", "rules.tie_at_cut: must be one of ballot, lot"),
        (["rules", "proxy"], 1, "rules.proxy: unknown key"),
        (["rules"], None, "rules: must be an object"),
        (["note"], 1, "note: unknown key"),
        (["a\nb"], 1, '"a\\nb": unknown key'),
    ],
)
def test_bad_input_is_one_line_that_names_the_place(tmp_path, path, value, line):
    assert run(tmp_path, changed(path, value)) == (2, "", line + "\n")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe{}",
        b'{"format": "contest/1", "format": "contest/1"}',
        b'{"seats": NaN}',
        b'{"seats": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
    ],
    ids=["empty", "broken", "list", "null", "utf16", "twice", "nan", "endless", "deep"],
)
def test_what_is_no_contest_at_all_is_one_line_too(tmp_path, content):
    status, out, err = run(tmp_path, content)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.strip()


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"[]", "a contest must be a JSON object"),
        (b"{", "line 1 column 2: not JSON"),
        (b"{}\n x", "line 2 column 2: not JSON"),
        (b"[" * 100_000, "not a contest: nested too deeply"),
        (b"\xff\xfe{}", "byte 0: not UTF-8"),
        (b'{"": 1}', '"": unknown key'),
    ],
    ids=["list", "broken", "after", "deep", "utf16", "nameless"],
)
def test_what_is_no_contest_is_told_with_the_place_where_there_is_one(tmp_path, content, line):
    assert run(tmp_path, content) == (2, "", line + "\n")


@pytest.mark.parametrize("length", [59, 60, 61, 62, 100])
def test_a_long_name_is_shown_in_part(tmp_path, length):
    shown = "名" * length if length <= 60 else "名" * 60 + "…"
    assert run(tmp_path, changed(["名" * length], 1)) == (2, "", f"{shown}: unknown key\n")


@pytest.mark.parametrize(("digits", "wrong"), [(1000, False), (1001, True), (2000, True)])
@pytest.mark.parametrize("kind", [int, str])
def test_a_number_has_at_most_a_thousand_digits_however_it_is_written(tmp_path, digits, wrong, kind):
    status, _, err = run(tmp_path, changed(["electors", "expected"], kind("9" * digits)))
    assert (status, err) == ((2, "electors.expected: must not have more than 1000 digits\n") if wrong else (0, ""))


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('"present": 110', '"present": 110, "present": 111', "electors.present: given twice in one object"),
        ('"present": 110', '"present": NaN', "electors.present: must be an integer"),
        ('"present": 110', '"present": 1e2', "electors.present: must be an integer"),
        ('"present": 110', '"present": ' + "9" * 1001, "electors.present: must not have more than 1000 digits"),
        ('"id": "c1"', '"id": ' + "9" * 1001, "candidates[0].id: must be a text that is not empty"),
        ('"id": "c1"', '"id": "c1", "id": "c1"', "candidates[0].id: given twice in one object"),
    ],
)
def test_what_only_a_file_can_say_is_refused_at_its_place_too(tmp_path, old, new, line):
    text = json.dumps(example())
    assert text.count(old) == 1
    assert run(tmp_path, text.replace(old, new).encode()) == (2, "", line + "\n")


def test_a_file_that_is_not_there_is_one_line(tmp_path):
    err = io.StringIO()
    assert decide_command(tmp_path / "none.json", io.StringIO(), err) == 2
    assert err.getvalue().count("\n") == 1
    assert "none.json" in err.getvalue()


def test_a_byte_order_mark_does_no_harm():
    assert read_contest(b"\xef\xbb\xbf" + json.dumps(example()).encode()) == parse_contest(example())


def test_the_first_wrong_place_is_raised_as_an_error_of_its_own():
    with pytest.raises(BadContest, match=r"^seats: must be at least 1$"):
        parse_contest(changed(["seats"], 0))


def test_the_json_of_an_outcome_is_plain_data():
    assert json.loads(json.dumps(outcome_json(decide(parse_contest(example())))))["status"] == "tie"


def test_a_path_that_is_none_is_one_line_on_standard_error(capsys):
    assert decide_command("a\0b", io.StringIO()) == 2
    assert capsys.readouterr().err == '"a\\u0000b": cannot be read\n'


def test_an_outcome_is_printed_for_people_too():
    """In Chinese as it is read, a field on each line."""
    printed = print_outcome(decide(parse_contest(changed(["ballots", "valid"], 106))))
    assert "有效" in printed
    assert printed.startswith('{\n  "format": "outcome/1",\n  "status"')
    assert printed.endswith("}\n")
