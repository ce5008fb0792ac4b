"""The corner branch of the room nomination."""
