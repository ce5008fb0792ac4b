"""The corner importing of the room roster."""
