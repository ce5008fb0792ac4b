"""What a file that was sent is, before anything unpacks it: a workbook of either kind, how large, with macros.

Pure; reads every part of the archive through in pieces, since a header may lie, and keeps nothing. What stands in its sheets is
told by `reader.py`.
"""

from __future__ import annotations

import io
import zipfile
import zlib

from election.errors import Refused

MEGABYTE = 1024 * 1024
# Technical bounds, far beyond a county's roster: 100,000 members make a workbook of some 10 MB, unpacked some 60 MB.
MOST_BYTES = 20 * MEGABYTE
MOST_UNPACKED = 250 * MEGABYTE
MOST_PARTS = 2_000
# A list of what the parts are.
MOST_INDEX = 4 * MEGABYTE
CONTENTS = "[Content_Types].xml"
# A part of such a kind, whatever its name is, runs something.
MACROS = (b"vbaproject", b"macroenabled", b"macrosheet")
# What the standard library says of an archive that is none, is cut off, damaged or locked.
UNREADABLE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)
# The container of .xls, and of any workbook that a password locks.
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LOCKED_STREAM, MACRO_STREAM = "EncryptedPackage".encode("utf-16-le"), "_VBA_PROJECT_CUR".encode("utf-16-le")


def is_legacy(data: bytes) -> bool:
    """An .xls, or a workbook locked by a password: both lie in the same container."""
    return data.startswith(COMPOUND[:4])


def check_file(data: bytes, *, legacy: bool) -> None:
    """Raises Refused for what is no workbook, costs too much or brings macros. `legacy`: an .xls will do."""
    if len(data) > MOST_BYTES:
        raise Refused("roster.file_too_large", field="file", most=MOST_BYTES // MEGABYTE)
    if not is_legacy(data):
        _check_archive(data)
    elif LOCKED_STREAM in data:
        raise Refused("roster.file_locked", field="file")
    elif not legacy:
        raise Refused("roster.file_legacy", field="file")
    elif MACRO_STREAM in data:
        raise Refused("roster.file_with_macros", field="file")


def _check_archive(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise Refused("roster.file_unpacks_too_large", field="file", most=MOST_UNPACKED // MEGABYTE)
            if CONTENTS not in archive.namelist():
                raise Refused("roster.not_a_workbook", field="file")
            with archive.open(CONTENTS) as stream:
                kinds = stream.read(MOST_INDEX).lower()
            if any(kind in kinds for kind in MACROS) or any(
                part.filename.lower().endswith("vbaproject.bin") for part in parts
            ):
                raise Refused("roster.file_with_macros", field="file")
            unpacked = 0
            for part in parts:
                with archive.open(part) as stream:
                    while piece := stream.read(MEGABYTE):
                        unpacked += len(piece)
                        if unpacked > MOST_UNPACKED:
                            raise Refused("roster.file_unpacks_too_large", field="file", most=MOST_UNPACKED // MEGABYTE)
    except UNREADABLE:
        raise Refused("roster.not_a_workbook", field="file") from None
