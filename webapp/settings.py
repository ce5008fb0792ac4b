"""Where an installation lives: its data folder, database and keys. Reads the environment once, decides nothing else."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet

from election.people.identity import IdentityKeys

DATABASE_FILE = "xiheng.db"


@dataclass(frozen=True, slots=True)
class Settings:
    """`database_url` is the embedded database in `data` unless DATABASE_URL names a PostgreSQL one."""

    data: Path
    database_url: str

    @property
    def keys(self) -> Path:
        return self.data / "keys"


def read_settings(data: str | Path | None = None) -> Settings:
    """The option wins over XIHENG_DATA, which wins over `data` in the current folder."""
    folder = Path(data or os.environ.get("XIHENG_DATA") or "data").expanduser().resolve()
    url = os.environ.get("DATABASE_URL") or f"sqlite:///{folder / DATABASE_FILE}"
    return Settings(folder, url)


@dataclass(frozen=True, slots=True)
class Keys:
    """The installation's secrets. Lost keys mean lost identity numbers: they are part of every backup."""

    session: bytes
    identity: IdentityKeys


def load_keys(folder: Path) -> Keys:
    """Reads the keys, making those that are missing; the folder is for its owner alone."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Keys(
        session=_key(folder / "session.key", lambda: secrets.token_bytes(32)),
        identity=IdentityKeys(
            look_up=_key(folder / "identity-lookup.key", lambda: secrets.token_bytes(32)),
            sealing=_key(folder / "identity-sealing.key", Fernet.generate_key),
        ),
    )


def _key(path: Path, make: Callable[[], bytes]) -> bytes:
    if not path.exists():
        # Opened exclusively, so that two processes starting at once end up with one key.
        try:
            with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                file.write(make())
        except FileExistsError:
            pass
    return path.read_bytes()
