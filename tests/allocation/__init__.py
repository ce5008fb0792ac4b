"""Tests of the allocation: problems, answers, proofs, commands."""
