"""The tests, mirroring the three packages; `browser/`, `bench/` and `house/` beside them."""
