"""The slate of each contest: its margin, its order, what holds it up, and its freezing."""
