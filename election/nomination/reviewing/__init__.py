"""From the branch's nominees to the proposed candidates: the unit's proposal, the office's review, notice 2."""
