"""The forms on the page of a unit's evening. What they hold is checked by the operations; nothing is done here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    Field,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published types
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from election.meeting.operations_venues import LONGEST_NAME
from election.roster.models import ExclusionReason
from webapp.errors import said_lazily
from webapp.forms import Form

TOO_LONG = _l("最多 400 个字。")


class PlanForm(Form):
    """`sure`: asked only where the day is odd."""

    place = StringField(_l("会议地点"), [InputRequired(_l("请填写会议地点。"))])
    starts_at = DateTimeLocalField(_l("开会时间"), [InputRequired(_l("请填写开会时间。"))])
    sure = BooleanField(_l("日期无误，就定在这一天"))


class VenueForm(Form):
    """`counted_with`: the venue that counts its ballots, empty where it does so itself."""

    name = StringField(_l("会场名称"), [InputRequired(_l("请填写会场名称。"))], render_kw={"maxlength": LONGEST_NAME})
    mobile = BooleanField(_l("流动票箱"))
    counted_with = SelectField(_l("选票在哪里计票"), validate_choice=False)


def _number_present(validator: Any) -> IntegerField:
    # Typed as text: a wheel or an arrow key changes no number by itself.
    return IntegerField(
        _l("实到会"), [validator], widget=TextInput(), render_kw={"inputmode": "numeric", "autocomplete": "off"}
    )


class PresentForm(Form):
    """With one venue those present are counted in the form that opens the meeting."""

    present = _number_present(InputRequired(_l("请填写实到人数。")))


class PresentsForm(Form):
    """A number for each venue is added by `with_venues`. `reason`: for one that was counted wrongly, after the opening."""

    reason = StringField(_l("更正的理由"), [Length(max=200, message=_l("最多 200 个字。"))])


def with_venues(venues: Sequence[int]) -> type[PresentsForm]:
    """The form with a field `present-<venue>` for each venue; one may stay blank, which is no zero."""
    return type("VenuesForm", (PresentsForm,), {f"present-{venue}": _number_present(Optional()) for venue in venues})


class OfficerForm(Form):
    """`voted`: for a scrutineer named after the opening; `reason`: for one whom the county office names after the closing."""

    person = SelectField(_l("人员"), [InputRequired(_l("请选择一人。"))], validate_choice=False)
    voted = BooleanField(_l("已经大会表决通过"))
    reason = StringField(_l("理由"), [Length(max=200, message=_l("最多 200 个字。"))])


class ExclusionForm(Form):
    """Nobody and no reason is chosen beforehand: what is entered in haste lowers the quorum."""

    member = SelectField(_l("党员"), [InputRequired(_l("请选择一人。"))], validate_choice=False)
    reason = SelectField(
        _l("理由"),
        [InputRequired(_l("请选择理由。"))],
        choices=[
            SelectChoice("", _l("请选择")),
            *(SelectChoice(one.value, said_lazily(one)) for one in ExclusionReason),
        ],
    )


class OpenForm(Form):
    """What the chair declares. With one venue those present are counted here, in `HallForm`."""

    exclusions = BooleanField(_l("到会党员已同意不计入应到会人数的名单"))
    method = BooleanField(_l("选举办法已经大会通过"))
    scrutineers = BooleanField(_l("监票人已经大会表决通过"))


class HallForm(OpenForm, PresentForm):
    pass


class ReasonForm(Form):
    reason = StringField(_l("理由"), [InputRequired(_l("请写明理由。")), Length(max=400, message=TOO_LONG)])


class DismissForm(Form):
    """A reason is asked once the meeting has begun."""

    reason = StringField(_l("理由"), [Length(max=200, message=_l("最多 200 个字。"))])


class MultiCheckboxField(SelectMultipleField):
    """Several of a list, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class NextRoundForm(Form):
    """`members`: who stands; only a supplementary election lets one choose."""

    members = MultiCheckboxField(_l("候选人"), validate_choice=False)
    reason = StringField(_l("说明"), [Length(max=400, message=TOO_LONG)])


class VacancyForm(Form):
    consented = IntegerField(
        _l("同意缺额的人数"),
        [InputRequired(_l("请填写同意的人数。"))],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    document = StringField(_l("记录或文件编号"), [Length(max=80, message=_l("最多 80 个字。"))])
    decided_on = DateField(_l("决定日期"), [Optional()])
    reason = StringField(_l("理由"), [InputRequired(_l("请写明理由。")), Length(max=400, message=TOO_LONG)])


class StrikeForm(Form):
    """`candidate`: round-member, as the list of choices names them."""

    candidate = SelectField(_l("候选人"), [InputRequired(_l("请选择一人。"))], validate_choice=False)
    reason = StringField(_l("理由"), [InputRequired(_l("请写明理由。")), Length(max=400, message=TOO_LONG)])


def named_apart(forms: dict[str, Form]) -> None:
    """Gives every field an id of its own: the same field stands several times on the page."""
    for place, form in forms.items():
        field: Field
        for field in form:
            field.id = f"{place}-{field.short_name}"
