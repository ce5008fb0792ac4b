"""Count forms: double entry, checks, confirmation; each contest's outcome recorded."""
