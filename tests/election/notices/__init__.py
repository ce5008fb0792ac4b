"""The room notices."""
