"""The corner applying of the room nomination."""
