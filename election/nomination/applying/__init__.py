"""How a member comes to stand: who may, in which way, with whose support; and how one leaves again."""
