"""What the pages share on which a lot is drawn before the hall: the form for the hall's word, and how anybody draws it again.

Draws nothing: that is `election/lot.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from election.lot import LONGEST_WITNESS, LONGEST_WORD, command, line, windows_command
from webapp.forms import Form


class WordForm(Form):
    seed = StringField(
        _l("会场报的数"),
        [InputRequired(_l("请填写在会场当众报出的数。")), Length(max=LONGEST_WORD, message=_l("最多 100 个字。"))],
    )
    witness = StringField(
        _l("报数的人"),
        [InputRequired(_l("请填写报数的人。")), Length(max=LONGEST_WITNESS, message=_l("最多 60 个字。"))],
    )


def shown(content: Mapping[str, Any] | None) -> dict[str, Any]:
    """A recorded drawing as the templates take it: the order, and what an outsider types to get it. Nothing before it is drawn."""
    order = [] if content is None else content["order"]
    seed = "" if content is None else str(content["seed"])
    half = "" if content is None else str(content.get("half", ""))
    return {
        "order": order,
        "commands": [command(seed, one["number"], one["name"]) for one in order],
        "windows": [windows_command(line(seed, one["number"], one["name"])) for one in order],
        "half_command": windows_command(half) if half else "",
    }


def download(content: Mapping[str, Any], number: int) -> Response:
    """The drawing as it is kept: what `xiheng lot` draws again."""
    answer = Response(json.dumps(content, ensure_ascii=False, indent=2) + "\n", mimetype="application/json")
    answer.headers["Content-Disposition"] = f"attachment; filename=lot-{number}.json"
    return answer
