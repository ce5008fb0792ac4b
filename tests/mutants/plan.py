"""Which modules decide an election, and by which tests each of them is held: pure ones, which need no database.

The mathematics of `allocation/` is not among them: its tests hold every answer against a count of all matrices, and a
mutant would take them seconds instead of a hundredth of one.
"""

from __future__ import annotations

TESTS: dict[str, tuple[str, ...]] = {
    "election.contests.decide": ("tests/election/contests/test_decide.py",),
    "election.contests.outcome": (
        "tests/election/contests/test_outcome.py",
        "tests/election/contests/test_outcome_properties.py",
        "tests/election/contests/test_outcome_brute_force.py",
        "tests/election/contests/test_decide.py",
        "tests/election/meeting/test_quorum.py",
    ),
    "election.contests.follow_up": (
        "tests/election/contests/test_follow_up.py",
        "tests/election/contests/test_by_lot.py",
    ),
    "election.contests.by_lot": ("tests/election/contests/test_by_lot.py",),
    "election.count.entry": ("tests/election/count/test_entry.py", "tests/election/count/test_entry_machine.py"),
    "election.count.entry_states": ("tests/election/count/test_entry.py", "tests/election/count/test_entry_machine.py"),
    "election.count.checks": ("tests/election/count/test_checks.py",),
    "election.count.check_codes": ("tests/election/count/test_checks.py",),
    "election.count.summing": ("tests/election/count/test_summing.py",),
    "election.meeting.ballot_checks": (
        "tests/election/meeting/test_ballot_checks.py",
        "tests/election/count/test_checks.py",
    ),
    "election.meeting.counted": ("tests/election/meeting/test_counted.py",),
    "election.meeting.lifecycle": ("tests/election/meeting/test_lifecycle.py",),
    "election.meeting.quorum": ("tests/election/meeting/test_quorum.py",),
    "election.nomination.branch.vote": ("tests/election/nomination/branch/test_vote.py",),
    "election.nomination.slates.margins": (
        "tests/election/nomination/slates/test_margins.py",
        "tests/election/nomination/slates/test_outlook.py",
    ),
    "election.results.settling": ("tests/election/results/test_settling.py",),
}
