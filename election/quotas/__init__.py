"""Allocation schemes: the problem, the result, approval; seats by unit and category."""
