"""Public notices and the objections to them."""
