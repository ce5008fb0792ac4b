"""The corner leaders of the room nomination."""
