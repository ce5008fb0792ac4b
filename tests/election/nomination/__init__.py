"""The room nomination."""
