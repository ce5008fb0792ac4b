"""The hall at the end: looks across all rooms, says what blocks what, moves the phase."""
