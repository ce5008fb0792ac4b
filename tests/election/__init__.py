"""The election, room by room."""
