"""What every room needs to keep things: base class, database, act (one transaction) and audit chain."""
