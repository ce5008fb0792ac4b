"""Contest and Round; pure: how counts decide a contest."""
