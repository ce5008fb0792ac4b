"""The lot (抽签) by which candidates speak in turn, or by which a tie is decided where the rules say so: drawn from a seed of
two halves, so that anybody can draw it again.

Pure: it makes no seed and keeps nothing. How it is drawn, for whoever wants to check it without this program:

1. The names stand in the order of the slate and are numbered 1, 2, 3 …
2. For each name the line `seed|number|name` is written in UTF-8, with no line break at its end, and its SHA-256 is taken:
   `printf %s 'seed|number|name' | sha256sum`
3. Who has the smallest sum, compared as text from the left, is first, and so on up.

Whoever knows the names could try seeds until the order pleases. Therefore nobody makes the seed alone: the system's half
is made first and only its SHA-256 (the commitment) is shown; then the hall says its word; the seed is `half-word`, and the
half is told with the order. Who says the word does not know the half, and the half cannot be changed after the word.
"""

from __future__ import annotations

import json
import re
import shlex
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from election.errors import Refused
from election.strokes import plain_name

# What is drawn, and what is drawn from a committed half and a word.
FORMAT: Final = "lot/1"
COMMITTED: Final = "lot/2"
LONGEST_SEED: Final = 200
# Beyond any slate; a file that holds more is none of ours.
MOST_NAMES: Final = 10_000
LONGEST_WORD: Final = 100
LONGEST_WITNESS: Final = 60
# Random bytes of the system's half.
HALF_BYTES: Final = 32
KEYS: Final = {
    FORMAT: ("format", "seed", "names", "order"),
    COMMITTED: ("format", "commitment", "half", "word", "seed", "names", "order"),
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """Who is the `place`-th: `number` on the slate, `name`, and the sum by which they were put there."""

    place: int
    number: int
    name: str
    digest: str


def read_seed(text: str) -> str:
    """The seed as it is used: without spaces around it, each character in its one compatible form (２０３１ is 2031), so that
    two people type it alike. Raises Refused for none, a long one, or one nobody can type.
    """
    seed = unicodedata.normalize("NFKC", text).strip()
    if not seed:
        raise Refused("lot.seed_missing", field="seed")
    if len(seed) > LONGEST_SEED:
        raise Refused("lot.seed_long", field="seed", most=LONGEST_SEED)
    if not _can_be_seen(seed):
        raise Refused("lot.seed_unprintable", field="seed")
    return seed


def _can_be_seen(text: str) -> bool:
    """No control, no half character, no line break: what two people type from one sheet of paper alike."""
    return all(unicodedata.category(character)[0] != "C" and character not in "\u2028\u2029" for character in text)


def line(seed: str, number: int, name: str) -> str:
    """What is summed for one name."""
    return f"{seed}|{number}|{name}"


def command(seed: str, number: int, name: str) -> str:
    """What an outsider types to get the sum of one name."""
    return f"printf %s {shlex.quote(line(seed, number, name))} | sha256sum"


def windows_command(text: str) -> str:
    """The same for a Windows machine as every office has it (PowerShell); `text` as from `line`, or a half by itself."""
    # PowerShell takes each of these for the quote; doubled it stands for itself.
    quoted = "".join(one * 2 if one in "'\u2018\u2019\u201a\u201b" else one for one in text)
    made = f"[Text.Encoding]::UTF8.GetBytes('{quoted}')"
    return f"[BitConverter]::ToString([Security.Cryptography.SHA256]::Create().ComputeHash({made})).Replace('-','').ToLower()"


def draw(names: Sequence[str], seed: str) -> tuple[Drawn, ...]:
    """The names in the order of the draw. The same names and seed always give the same order."""
    sums = sorted(
        (sha256(line(seed, number, name).encode("utf-8")).hexdigest(), number, name)
        for number, name in enumerate(names, 1)
    )
    return tuple(Drawn(place, number, name, digest) for place, (digest, number, name) in enumerate(sums, 1))


def recorded(names: Sequence[str], seed: str) -> dict[str, Any]:
    """The drawing as it is kept and handed out: what it was drawn from and what came out."""
    return {
        "format": FORMAT,
        "seed": seed,
        "names": list(names),
        "order": [
            {"place": one.place, "number": one.number, "name": one.name, "digest": one.digest}
            for one in draw(names, seed)
        ],
    }


def read_word(text: str) -> str:
    """What the hall said, read as a seed is. Raises Refused as `read_seed`, and for one too long for its half of it."""
    word = read_seed(text)
    if len(word) > LONGEST_WORD:
        raise Refused("lot.seed_long", field="seed", most=LONGEST_WORD)
    return word


def read_witness(text: str, interested: Iterable[str]) -> str:
    """Who said the word, by name, with or without what stands behind it in brackets. Raises Refused for nobody, and for one of
    the `interested`: who stands, and who operates the draw.
    """
    witness = text.strip()
    name = plain_name(re.split("[（(]", witness)[0])
    if not name:
        raise Refused("lot.witness_missing", field="witness")
    if name in {plain_name(one) for one in interested}:
        raise Refused("lot.witness_interested", field="witness", name=name)
    if len(witness) > LONGEST_WITNESS:
        raise Refused("lot.witness_long", field="witness", most=LONGEST_WITNESS)
    return witness


def commitment(half: str) -> str:
    """What is shown of the system's half before the word is said."""
    return sha256(half.encode("utf-8")).hexdigest()


def joined(half: str, word: str) -> str:
    """The seed of both halves."""
    return f"{half}-{word}"


def recorded_from_halves(names: Sequence[str], half: str, word: str) -> dict[str, Any]:
    """As `recorded`, with the halves that the seed was made of."""
    drawn = recorded(names, joined(half, word))
    return {**drawn, "format": COMMITTED, "commitment": commitment(half), "half": half, "word": word}


def read_recorded(content: bytes) -> Mapping[str, Any]:
    """A recorded drawing from a file. Raises Refused with the place (`field`) of what is wrong."""
    try:
        told = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise Refused("lot.not_json", field="file") from None
    if not isinstance(told, dict) or not isinstance(told.get("format"), str) or told["format"] not in KEYS:
        raise Refused("lot.not_a_lot", field="format", format=COMMITTED)
    form = told["format"]
    for key in told:
        if key not in KEYS[form]:
            raise Refused("lot.unknown_key", field="file", key=json.dumps(key[:40], ensure_ascii=False))
    if not isinstance(told.get("seed"), str) or read_seed(told["seed"]) != told["seed"]:
        raise Refused("lot.malformed", field="seed")
    for key in ("half", "word", "commitment"):
        if key in KEYS[form] and not isinstance(told.get(key), str):
            raise Refused("lot.malformed", field=key)
    names = told.get("names")
    named = isinstance(names, list) and 0 < len(names) <= MOST_NAMES
    if not named or not all(isinstance(one, str) and _can_be_seen(one) for one in names or ()):
        raise Refused("lot.malformed", field="names")
    if not isinstance(told.get("order"), list):
        raise Refused("lot.malformed", field="order")
    return told


def is_as_drawn(told: Mapping[str, Any]) -> bool:
    """Whether the order in a recorded drawing is the one that its seed and names give, and the seed that of its halves."""
    if told["format"] == COMMITTED:
        return bool(told == recorded_from_halves(told["names"], told["half"], told["word"]))
    return bool(told["order"] == recorded(told["names"], told["seed"])["order"])
