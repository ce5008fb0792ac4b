"""Tests of election/congress."""
