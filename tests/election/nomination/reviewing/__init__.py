"""The corner reviewing of the room nomination."""
