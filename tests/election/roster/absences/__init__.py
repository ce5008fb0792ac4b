"""The corner absences of the room roster."""
