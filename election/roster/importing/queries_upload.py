"""A person's own kept workbook: what was found in it, and the workbooks to download that are made from it. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import select
from sqlalchemy.orm import Session

from election.congress.models import Congress
from election.errors import NotFound
from election.people.identity import IdentityKeys
from election.roster.importing.preview import RosterPreview
from election.roster.importing.queries import planned
from election.roster.models import RosterUpload


@dataclass(frozen=True, slots=True)
class KeptUpload:
    """`preview`: what `shown.py` made of the check; `imported_at`: when its sound rows were read in, if they were."""

    id: int
    file_name: str
    uploaded_at: datetime
    preview: Mapping[str, Any]
    imported_at: datetime | None


def kept_upload(session: Session, congress_id: int, person_id: int) -> KeptUpload | None:
    """What this person uploaded last to this congress, without the workbook itself."""
    found = session.execute(
        select(RosterUpload.id, RosterUpload.file_name, RosterUpload.uploaded_at, RosterUpload.preview).where(
            RosterUpload.congress_id == congress_id, RosterUpload.person_id == person_id
        )
    ).one_or_none()
    if found is None:
        return None
    imported = found.preview.get("imported_at")
    return KeptUpload(
        id=found.id,
        file_name=found.file_name,
        uploaded_at=found.uploaded_at,
        preview=found.preview
        | {"undone": [[*line[:-1], datetime.fromisoformat(line[-1])] for line in found.preview.get("undone", [])]},
        imported_at=datetime.fromisoformat(imported) if imported else None,
    )


def kept_workbook(
    session: Session, congress: Congress, person_id: int, upload_id: int, keys: IdentityKeys, today: date
) -> tuple[bytes, RosterPreview]:
    """The workbook as it was uploaded, and every change and fault in it by now. Raises NotFound when it is gone."""
    sealed = session.scalar(
        select(RosterUpload.sealed).where(
            RosterUpload.id == upload_id,
            RosterUpload.congress_id == congress.id,
            RosterUpload.person_id == person_id,
        )
    )
    if sealed is None:
        raise NotFound("roster.upload_gone")
    data = Fernet(keys.sealing).decrypt(sealed)
    return data, planned(session, congress, data, keys, today).preview()
