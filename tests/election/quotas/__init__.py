"""Tests of election/quotas."""
