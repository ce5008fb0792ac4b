"""Tests of election/progress."""
