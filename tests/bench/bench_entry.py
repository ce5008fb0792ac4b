"""Speed of count entry: a real draft save against the barest one, and a hall of eighty tellers who all save at once.

The real one goes through the whole application: sign-in, roles, form token, the form's state, the meeting's own tellers. The
bare one is a Flask route that inserts the same JSON by SQLAlchemy. Both are served by the same server, in turns, and both
wait for the same disk.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from tests.support.hall import Desk, Hall, desks, installed_hall, serving
from webapp.settings import read_settings

SIDE_BY_SIDE, SAVES, TURNS = 4, 60, 5
# Each of the eighty saves a field every second for a while: faster than anybody reads figures from paper.
PAUSE, FIELDS = 1.0, 10


def bench_save_entry_over_bare_insert_rate() -> float:
    """Draft saves a second over bare inserts a second, both by the same tellers; the median of turns."""
    with _served(units=1, tellers=SIDE_BY_SIDE) as (_, tellers), ThreadPoolExecutor(SIDE_BY_SIDE) as pool:

        def rate(at: str) -> float:
            started = time.perf_counter()
            for done in [pool.submit(_save_all, teller, at) for teller in tellers]:
                done.result()
            return SIDE_BY_SIDE * SAVES / (time.perf_counter() - started)

        rate("")
        rate("/bare")
        pairs = [(rate(""), rate("/bare")) for _ in range(TURNS)]
    ours, theirs = (median(side) for side in zip(*pairs, strict=True))
    print(f"{ours:.0f} draft saves a second against {theirs:.0f} bare inserts", file=sys.stderr)
    return median(mine / bare for mine, bare in pairs)


def bench_eighty_tellers() -> Mapping[str, float]:
    """All of them saving every field: how long a save takes over how long a teller's page takes in the same hall."""
    with _served() as (hall, tellers), ThreadPoolExecutor(len(tellers) + 1) as pool:
        reader, begin = tellers[0], time.perf_counter() + PAUSE
        page = f"/c/xian-14/tally/{reader.paper.number}"
        reader_busy = pool.submit(_at_pace, lambda _: reader.get(page), begin, FIELDS)
        running = [
            pool.submit(_at_pace, _typing(teller), begin + PAUSE * place / len(tellers), FIELDS)
            for place, teller in enumerate(tellers[1:])
        ]
        saves = sorted(seconds for one in running for seconds in one.result())
        pages = reader_busy.result()
    whole = median(pages)
    late = quantiles(saves, n=100)[-1]
    print(
        f"{len(hall.papers)} tellers, {len(saves)} saves: half within {median(saves) * 1000:.0f} ms, 99 of 100 within "
        f"{late * 1000:.0f} ms, all within {saves[-1] * 1000:.0f} ms; a page {whole * 1000:.0f} ms",
        file=sys.stderr,
    )
    return {"save_over_page": median(saves) / whole, "slow_save_over_page": late / whole}


@contextmanager
def _served(**size: int) -> Iterator[tuple[Hall, list[Desk]]]:
    with (
        TemporaryDirectory() as folder,
        installed_hall(Path(folder), **size) as hall,
        serving(Path(folder)) as server,
    ):
        tellers = desks(hall, read_settings(folder), server.address)
        yield hall, tellers
        for teller in tellers:
            teller.leave()


def _save_all(teller: Desk, at: str) -> None:
    for number in range(SAVES):
        _expect(teller.save(teller.paper.fields | {"attendance.present": str(number)}, at=at))


def _typing(teller: Desk) -> Callable[[int], int]:
    """One field more each time, as a teller fills the paper from its top."""
    names = list(teller.paper.fields)

    def save(turn: int) -> int:
        return teller.save(teller.paper.fields | dict.fromkeys(names[: turn + 1], str(turn)))

    return save


def _at_pace(ask: Callable[[int], int], begin: float, times: int) -> list[float]:
    """Asks `times` times, a pause apart whatever the answers take; how long each answer took."""
    took = []
    for turn in range(times):
        time.sleep(max(0.0, begin + PAUSE * turn - time.perf_counter()))
        started = time.perf_counter()
        _expect(ask(turn))
        took.append(time.perf_counter() - started)
    return took


def _expect(status: int) -> None:
    if status != 200:
        raise RuntimeError(f"the server answered {status}")
