"""The room roster."""
