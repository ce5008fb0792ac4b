"""A workbook between its preview and its import: kept sealed for the person who uploaded it, and for no one else.

Nothing of the election changes until it is read in, so keeping one is no recorded act; the import is.
"""

from __future__ import annotations

from cryptography.fernet import Fernet
from sqlalchemy import delete, select

from election.errors import NotFound
from election.people.act import Act
from election.people.identity import IdentityKeys
from election.people.permissions import Permission
from election.roster.models import RosterImport, RosterUpload
from election.roster.operations_import import RosterPreview, import_roster, preview_roster


def stage_roster(
    act: Act, congress_id: int, file_name: str, data: bytes, keys: IdentityKeys
) -> tuple[RosterPreview, RosterUpload | None]:
    """Checks a workbook and keeps it when it has no fault, in place of what this person uploaded before."""
    preview = preview_roster(act, congress_id, data, keys)
    act.session.execute(
        delete(RosterUpload).where(RosterUpload.congress_id == congress_id, RosterUpload.person_id == act.person_id)
    )
    if preview.faults:
        return preview, None
    row = RosterUpload(
        congress_id=congress_id,
        person_id=act.person_id,
        file_name=file_name[-200:],
        sealed=Fernet(keys.sealing).encrypt(data),
        uploaded_at=act.now,
    )
    act.session.add(row)
    act.session.flush()
    return preview, row


def import_staged(act: Act, congress_id: int, upload_id: int, keys: IdentityKeys) -> RosterImport:
    """Reads in the workbook whose preview this person was shown, and forgets it. Raises NotFound when it is gone."""
    act.require(Permission.ROSTER_EDIT, congress_id=congress_id)
    kept = act.session.scalar(
        select(RosterUpload).where(
            RosterUpload.id == upload_id,
            RosterUpload.congress_id == congress_id,
            RosterUpload.person_id == act.person_id,
        )
    )
    if kept is None:
        raise NotFound("roster.upload_gone")
    file_name, data = kept.file_name, Fernet(keys.sealing).decrypt(kept.sealed)
    act.session.delete(kept)
    return import_roster(act, congress_id, file_name, data, keys)
