"""Tests of election/demo."""
