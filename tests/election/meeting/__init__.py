"""Tests of election/meeting."""
