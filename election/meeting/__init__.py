"""The unit's meeting and its venues: attendance, officers, ballots issued and returned, validity."""
