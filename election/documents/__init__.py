"""Documents on paper: data in, PDF out. Knows typography, nothing of the election."""
