"""Tests of election/store."""
