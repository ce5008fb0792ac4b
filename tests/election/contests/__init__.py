"""Tests of election/contests."""
