"""The corner papers of the room nomination."""
