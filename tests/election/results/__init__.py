"""Tests of election/results."""
