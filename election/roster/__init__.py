"""Organisations, members, import, voting rights, elector lists."""
