"""What of a nomination is printed, and the reading it needs."""
