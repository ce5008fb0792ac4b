"""Names pasted from a list of any make."""

from __future__ import annotations

import pytest

from election.roster.absences.names import read_names

KNOWN = frozenset({"冯家武", "张三", "李四", "欧阳春"})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("张三、李四，欧阳春", ["张三", "李四", "欧阳春"]),
        ("张三\r\n李四\n\n冯 家武", ["张三", "李四", "冯家武"]),
        ("张 三\t李四", ["张三", "李四"]),
        ("张三 李四 冯 家武", ["张三", "李四", "冯家武"]),
        ("张三；张三", ["张三"]),
        ("王五、张三", ["王五", "张三"]),
        ("张三 王五", ["张三", "王五"]),
        (" ，、", []),
    ],
)
def test_every_way_of_separating_names_is_read(text: str, names: list[str]) -> None:
    assert read_names(text, KNOWN) == names


def test_what_nobody_is_called_comes_back_as_it_was_written() -> None:
    assert read_names("无此人甲", KNOWN) == ["无此人甲"]
