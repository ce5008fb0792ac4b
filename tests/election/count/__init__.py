"""Tests of election/count."""
