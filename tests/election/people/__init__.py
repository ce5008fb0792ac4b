"""Tests of election/people."""
