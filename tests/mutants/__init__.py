"""Whether the tests would notice if a module that decides an election decided otherwise: one small change at a time (a mutant)
is put in its place, and some test of that module has to fail. Run by `./test --deep`; for one module by
`python -m tests.mutants election.contests.outcome`.

Not by mutmut 3, which was tried on three of these modules. It works, in a copy of the whole tree that it makes, but collects
the tests anew for each mutant (0.64 s each, where this takes a fifth of it); it passes over every property and every table
of transitions, in which many of the rules stand; most of what it left alive was what a finding tells of its
numbers; it says no line; and it would add eight packages. The changes here are those that decide:
boundaries, figures taken for their neighbours, conditions, guards, rows of a table.
"""
