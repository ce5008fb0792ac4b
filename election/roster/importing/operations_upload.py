"""A workbook between its preview and its import: kept sealed for the person who uploaded it, and for no one else.

Nothing of the election changes until it is read in, so keeping and discarding one is no recorded act; the import is. Rows that
went back stay with it, so that the workbook to correct can still be fetched after the sound rows were read in.
"""

from __future__ import annotations

from collections.abc import Collection

from cryptography.fernet import Fernet
from sqlalchemy import delete, select

from election.errors import NotFound, Refused
from election.people.act import Act
from election.people.identity import IdentityKeys
from election.people.permissions import Permission
from election.roster.importing.operations import import_roster, open_congress, preview_roster
from election.roster.importing.preview import RosterPreview
from election.roster.importing.shown import shown
from election.roster.importing.workbook import Progress, silent
from election.roster.models import RosterImport, RosterUpload


def stage_roster(
    act: Act, congress_id: int, file_name: str, data: bytes, preview: RosterPreview, keys: IdentityKeys
) -> RosterUpload:
    """Keeps a workbook with what was found in it, in place of what this person uploaded before.

    `preview`: of these data, made by a reading session, since checking a file may take its time and nobody who saves
    should wait for it; that nothing has changed since is asked when it is read in.
    """
    act.require(Permission.ROSTER_EDIT, congress_id=congress_id)
    open_congress(act.session, congress_id, lock=True)  # one after the other, however often somebody presses the button
    act.session.execute(
        delete(RosterUpload).where(RosterUpload.congress_id == congress_id, RosterUpload.person_id == act.person_id)
    )
    row = RosterUpload(
        congress_id=congress_id,
        person_id=act.person_id,
        file_name=file_name[-200:],
        sealed=Fernet(keys.sealing).encrypt(data),
        preview=shown(preview),
        uploaded_at=act.now,
    )
    act.session.add(row)
    act.session.flush()
    return row


def check_again(
    act: Act, congress_id: int, upload_id: int, keys: IdentityKeys, *, progress: Progress = silent
) -> RosterUpload:
    """Compares the kept workbook with the roster as it is by now."""
    kept = _waiting(act, congress_id, upload_id)
    data = Fernet(keys.sealing).decrypt(kept.sealed)
    kept.preview = shown(preview_roster(act, congress_id, data, keys, progress=progress))
    return kept


def import_staged(
    act: Act,
    congress_id: int,
    upload_id: int,
    keys: IdentityKeys,
    *,
    undo: Collection[int] = (),
    renamed: Collection[int] = (),
    progress: Progress = silent,
) -> RosterImport:
    """Reads in the sound rows of the workbook whose preview this person was shown. `undo`: the rows of members that are to put
    back what was corrected by hand; `renamed`: those whose number bears another name on the roster and that are the same person.

    Forgets the workbook unless rows of it went back. Raises NotFound when it is gone or read in already, Stale when it would do
    something else by now than was shown.
    """
    kept = _waiting(act, congress_id, upload_id)
    if kept.preview["broken"] or not kept.preview["rows"]:
        raise Refused("roster.nothing_sound")
    data = Fernet(keys.sealing).decrypt(kept.sealed)
    promised = kept.preview["digest"]
    row = import_roster(
        act,
        congress_id,
        kept.file_name,
        data,
        keys,
        partial=True,
        promised=promised,
        undo=undo,
        renamed=renamed,
        progress=progress,
    )
    if row.rows_left_out:
        kept.preview = {**kept.preview, "imported_at": act.now.isoformat()}
    else:
        act.session.delete(kept)
    return row


def discard_upload(act: Act, congress_id: int, upload_id: int) -> str:
    """Forgets a kept workbook, read in or not. The name it had."""
    kept = _kept(act, congress_id, upload_id)
    act.session.delete(kept)
    return kept.file_name


def _kept(act: Act, congress_id: int, upload_id: int) -> RosterUpload:
    act.require(Permission.ROSTER_EDIT, congress_id=congress_id)
    kept = act.session.scalar(
        select(RosterUpload)
        .where(
            RosterUpload.id == upload_id,
            RosterUpload.congress_id == congress_id,
            RosterUpload.person_id == act.person_id,
        )
        .with_for_update()
    )
    if kept is None:
        raise NotFound("roster.upload_gone")
    return kept


def _waiting(act: Act, congress_id: int, upload_id: int) -> RosterUpload:
    kept = _kept(act, congress_id, upload_id)
    if "imported_at" in kept.preview:
        raise NotFound("roster.upload_gone")
    return kept
