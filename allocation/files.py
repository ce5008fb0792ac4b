"""Reads and writes the files of the commands: JSON strictly, output all at once or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from allocation.errors import BadInput
from allocation.problem import Problem, read_problem

LARGEST_FILE = 64 * 1024 * 1024


def read_bytes(path: str | Path) -> bytes:
    """The content of a file of sensible size. Raises BadInput."""
    try:
        file = Path(path)
        if file.is_file() and file.stat().st_size > LARGEST_FILE:
            raise BadInput(str(path), "文件过大", "is too large")
        return file.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "unusable name"
        raise BadInput(str(path), "无法读取", f"cannot be read ({reason})") from None


def _no_constant(name: str) -> object:
    raise BadInput("", f"不接受 {name}", f"{name} is not a number")


def _no_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result: dict[str, object] = {}
    for key, value in pairs:
        if key in result:
            raise BadInput(key, "重复", "is given twice")
        result[key] = value
    return result


def parse_json(data: bytes, name: str) -> object:
    """JSON with exact numbers: no NaN, no doubled keys. Raises BadInput naming the line where reading stopped."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(name, "不是 UTF-8", f"is not UTF-8 (byte {error.start})") from None
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_no_twins)
    except json.JSONDecodeError as error:
        raise BadInput(
            f"{name} line {error.lineno} column {error.colno}", "不是 JSON", f"is not JSON ({error.msg})"
        ) from None
    except BadInput as error:
        raise BadInput(error.place or name, error.zh, error.en) from None
    except (ValueError, RecursionError, ArithmeticError):
        raise BadInput(name, "含过长的数字或过深的嵌套", "holds a number or a nesting beyond all use") from None


def load_problem(path: str | Path) -> Problem:
    """A problem from `.json` or `.xlsx`. Raises BadInput."""
    if str(path).lower().endswith(".xlsx"):
        from allocation.workbook_in import problem_from  # openpyxl is only loaded for workbooks

        return problem_from(read_bytes(path), Path(path).name)
    return read_problem(parse_json(read_bytes(path), Path(path).name))


def load_object(path: str | Path) -> Mapping[str, object]:
    """A JSON object from a file. Raises BadInput."""
    obj = parse_json(read_bytes(path), Path(path).name)
    if not isinstance(obj, dict):
        raise BadInput(Path(path).name, "必须是对象", "must be an object")
    return obj


def write_atomically(path: str | Path, data: bytes) -> None:
    """The whole file or nothing: written beside its place and moved there. Raises BadInput."""
    target = Path(path)
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name[:40]}.", dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target)
    except (OSError, ValueError) as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "unusable name"
        raise BadInput(str(path), "无法写入", f"cannot be written ({reason})") from None


def to_text(obj: Mapping[str, object]) -> str:
    """JSON as the commands print it: the same bytes for the same answer."""
    return json.dumps(obj, ensure_ascii=False, indent=1) + "\n"
