"""Where an installation lives: its data folder, database and keys. Reads the environment once, decides nothing else."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet

from election.errors import Refused
from election.people.identity import IdentityKeys

DATABASE_FILE = "xiheng.db"
# Every key of the installation has at least so many bytes.
LEAST_KEY = 32


@dataclass(frozen=True, slots=True)
class Settings:
    """`database_url` is the embedded database in `data` unless DATABASE_URL names a PostgreSQL one."""

    data: Path
    database_url: str
    https: bool = False

    @property
    def keys(self) -> Path:
        return self.data / "keys"


def read_settings(data: str | Path | None = None) -> Settings:
    """The option wins over XIHENG_DATA, which wins over `data` in the current folder.

    Raises Refused for a DATABASE_URL that names no PostgreSQL database.
    """
    folder = Path(data or os.environ.get("XIHENG_DATA") or "data").expanduser().resolve()
    url = os.environ.get("DATABASE_URL")
    if url and not url.startswith(("postgresql://", "postgres://")):
        raise Refused("web.database_url", field="DATABASE_URL")
    url = url or f"sqlite:///{folder / DATABASE_FILE}"
    return Settings(folder, url, https=os.environ.get("XIHENG_HTTPS") == "1")


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
    """The key in this file, made first if there is none: written aside and linked into place whole, so that a second
    process starting at once, or a crash, never leaves half a key or two.
    """
    if not path.exists():
        aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            pass  # the other process was first: its key holds
        finally:
            aside.unlink()
    key = path.read_bytes()
    if len(key) < LEAST_KEY:
        raise OSError(errno.EINVAL, "is not a whole key", str(path))
    return key
