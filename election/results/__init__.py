"""Publication, board figures, exports."""
