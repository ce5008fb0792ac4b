"""What stands on a count form: read strictly, blank kept apart from zero, compared field by field."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.count.form import (
    LARGEST,
    Attendance,
    FormContents,
    FormShape,
    Marks,
    Section,
    WriteIn,
    blank,
    counts,
    differences,
    from_fields,
    from_json,
    is_blank,
    parse_count,
    to_json,
)
from election.errors import Invalid, Refused

SHAPE: FormShape = {"12": ["34", "35"], "13": ["36"]}


def filled() -> FormContents:
    return FormContents(
        Attendance(120, 110),
        {
            "12": Section(110, 109, 107, 2, {"34": Marks(80, 20, 7), "35": Marks(0, 107, 0)}, (WriteIn("田甲", 3),)),
            "13": Section(110, None, None, None, {"36": Marks()}),
        },
    )


def refusals(data: object, shape: FormShape | None = None) -> list[tuple[str, str | None]]:
    with pytest.raises(Invalid) as caught:
        from_json(data, shape)
    return [(refusal.code, refusal.field) for refusal in caught.value.refusals]


def test_a_form_comes_back_from_json_as_it_went():
    assert from_json(json.loads(json.dumps(to_json(filled())))) == filled()
    assert from_json(to_json(filled()), SHAPE) == filled()


def test_blank_is_not_zero():
    zero = from_json({"attendance": {"expected": 0}})
    assert (zero.attendance.expected, zero.attendance.present) == (0, None)
    assert differences(zero, from_json({"attendance": {}})) == ["attendance.expected"]


def test_missing_fields_are_blank_in_the_order_of_the_paper():
    contents = from_json({}, SHAPE)
    assert contents == blank(SHAPE)
    assert is_blank(contents)
    assert [path for path, _ in counts(contents)][:9] == [
        "attendance.expected",
        "attendance.present",
        "sections.12.issued",
        "sections.12.returned",
        "sections.12.valid",
        "sections.12.spoiled",
        "sections.12.candidates.34.for",
        "sections.12.candidates.34.against",
        "sections.12.candidates.34.abstain",
    ]


def test_a_form_with_one_zero_is_not_blank():
    assert not is_blank(from_json({"attendance": {"expected": 0}}, SHAPE))
    assert not is_blank(from_json({"sections": {"12": {"write_ins": [{"name": "田甲"}]}}}, SHAPE))


@pytest.mark.parametrize(
    ("data", "refused"),
    [
        ([], ("form.not_a_group", "")),
        (None, ("form.not_a_group", "")),
        ({"sections": []}, ("form.not_a_group", "sections")),
        ({"note": 1}, ("form.unknown_field", "note")),
        ({"attendance": {"absent": 1}}, ("form.unknown_field", "attendance.absent")),
        ({"attendance": {"present": True}}, ("form.not_a_number", "attendance.present")),
        ({"attendance": {"present": 1.0}}, ("form.not_a_number", "attendance.present")),
        ({"attendance": {"present": "1"}}, ("form.not_a_number", "attendance.present")),
        ({"attendance": {"present": -1}}, ("form.negative", "attendance.present")),
        ({"attendance": {"present": LARGEST + 1}}, ("form.too_large", "attendance.present")),
        ({"sections": {"99": {}}}, ("form.unknown_field", "sections.99")),
        ({"sections": {"12": {"total": 1}}}, ("form.unknown_field", "sections.12.total")),
        ({"sections": {"12": {"candidates": {"36": {}}}}}, ("form.unknown_field", "sections.12.candidates.36")),
        (
            {"sections": {"12": {"candidates": {"34": {"for": "x"}}}}},
            ("form.not_a_number", "sections.12.candidates.34.for"),
        ),
        ({"sections": {"12": {"write_ins": {}}}}, ("form.not_a_list", "sections.12.write_ins")),
        ({"sections": {"12": {"write_ins": [{}] * 501}}}, ("form.too_many_rows", "sections.12.write_ins")),
        ({"sections": {"12": {"write_ins": [7]}}}, ("form.not_a_group", "sections.12.write_ins.0")),
        ({"sections": {"12": {"write_ins": [{"name": 7}]}}}, ("form.not_a_name", "sections.12.write_ins.0.name")),
        (
            {"sections": {"12": {"write_ins": [{"name": "a\x07b"}]}}},
            ("form.not_a_name", "sections.12.write_ins.0.name"),
        ),
        (
            {"sections": {"12": {"write_ins": [{"name": "长" * 61}]}}},
            ("form.name_too_long", "sections.12.write_ins.0.name"),
        ),
        (
            # Whether a name may be elected is no teller's to say.
            {"sections": {"12": {"write_ins": [{"eligible": False}]}}},
            ("form.unknown_field", "sections.12.write_ins.0.eligible"),
        ),
    ],
)
def test_what_a_form_cannot_hold_is_refused_at_its_place(data, refused):
    assert refusals(data, SHAPE) == [refused]


def test_everything_wrong_is_refused_at_once():
    data = {"attendance": {"expected": -1, "present": "x"}, "note": 1}
    assert refusals(data) == [
        ("form.unknown_field", "note"),
        ("form.negative", "attendance.expected"),
        ("form.not_a_number", "attendance.present"),
    ]


@pytest.mark.parametrize(
    ("text", "value"), [("", None), ("  ", None), ("0", 0), (" 12 ", 12), ("１２", 12), ("007", 7)]
)
def test_a_typed_number_is_read_as_people_mean_it(text, value):
    assert parse_count(text, "attendance.present") == value


@pytest.mark.parametrize("text", ["②", "²", "-1", "1.5", "1,000", "十", "1 2", "+1", "1e3", "0x1"])
def test_what_is_no_whole_number_is_refused(text):
    with pytest.raises(Refused) as caught:
        parse_count(text, "attendance.present")
    assert (caught.value.code, caught.value.field) == ("form.not_a_number", "attendance.present")


def test_an_endless_number_is_refused_without_being_computed():
    with pytest.raises(Refused) as caught:
        parse_count("9" * 100_000, "attendance.present")
    assert caught.value.code == "form.too_large"


def test_the_fields_of_a_plain_page_make_a_form():
    fields = {path: "" if value is None else str(value) for path, value in counts(filled())}
    fields |= {
        "sections.12.write_ins.0.name": " 田\u3000甲 ",
        "sections.12.write_ins.1.name": "",
        "sections.12.write_ins.1.for": "",
        "csrf_token": "x",
    }
    assert from_fields(fields, SHAPE) == filled()


def test_a_write_in_row_of_a_plain_page_is_kept_when_anything_stands_in_it():
    at = "sections.12.write_ins"
    fields = {f"{at}.0.for": "2", f"{at}.10.name": "向乙", f"{at}.7.for": " "}
    rows = from_fields(fields, SHAPE).sections["12"].write_ins
    assert rows == (WriteIn("", 2), WriteIn("向乙", None))


def test_too_many_rows_of_a_plain_page_are_refused_and_not_cut_off():
    with pytest.raises(Invalid) as caught:
        from_fields({f"sections.12.write_ins.{place}.name": "向乙" for place in range(501)}, SHAPE)
    assert [refusal.code for refusal in caught.value.refusals] == ["form.too_many_rows"]


def test_the_largest_number_and_the_longest_name_are_accepted():
    assert parse_count(str(LARGEST), "attendance.present") == LARGEST
    assert from_json({"attendance": {"present": LARGEST}}).attendance.present == LARGEST
    rows = [{"name": "长" * 60, "for": 0}] * 500
    assert len(from_json({"sections": {"12": {"write_ins": rows}}}).sections["12"].write_ins) == 500


def test_every_wrong_field_of_a_plain_page_is_named():
    with pytest.raises(Invalid) as caught:
        from_fields({"attendance.present": "x", "sections.13.valid": "1.5", "sections.12.issued": "9999999"}, SHAPE)
    assert {(refusal.code, refusal.field) for refusal in caught.value.refusals} == {
        ("form.not_a_number", "attendance.present"),
        ("form.not_a_number", "sections.13.valid"),
        ("form.too_large", "sections.12.issued"),
    }


def test_write_ins_in_another_order_do_not_differ():
    rows = (WriteIn("田甲", 3), WriteIn("向乙", 1))
    one, other = (FormContents(sections={"12": Section(write_ins=each)}) for each in (rows, rows[::-1]))
    assert differences(one, other) == []
    less = FormContents(sections={"12": Section(write_ins=rows[:1])})
    assert differences(one, less) == ["sections.12.write_ins"]
    blank_votes = FormContents(sections={"12": Section(write_ins=(WriteIn("田甲"), rows[1]))})
    assert differences(one, blank_votes) == ["sections.12.write_ins"]


numbers = st.none() | st.integers(0, 3)
forms = st.builds(
    FormContents,
    st.builds(Attendance, numbers, numbers),
    st.fixed_dictionaries(
        {
            round_id: st.builds(
                Section,
                numbers,
                numbers,
                numbers,
                numbers,
                st.fixed_dictionaries({each: st.builds(Marks, numbers, numbers, numbers) for each in ids}),
                st.lists(
                    st.builds(WriteIn, st.sampled_from(["田甲", "向乙"]), numbers),
                    max_size=2,
                ).map(tuple),
            )
            for round_id, ids in SHAPE.items()
        }
    ),
)


@given(forms, forms)
def test_the_differences_are_exactly_the_fields_that_differ(one, other):
    found = differences(one, other)
    mine, theirs = dict(counts(one)), dict(counts(other))
    plain = [path for path in mine if ".write_ins." not in path]
    assert [path for path in found if not path.endswith("write_ins")] == [
        path for path in plain if mine[path] != theirs[path]
    ]
    assert sorted(found) == sorted(differences(other, one))
    assert differences(one, one) == []
    assert from_json(json.loads(json.dumps(to_json(one))), SHAPE) == one
