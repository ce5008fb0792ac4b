"""The election: from the division of seats to the sealed archive. Knows SQLAlchemy and `allocation`, never Flask."""
