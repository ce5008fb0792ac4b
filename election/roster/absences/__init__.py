"""Members who are away, and how each was told of the election."""
