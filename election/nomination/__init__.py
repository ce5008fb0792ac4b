"""Applications, branch ballots, applicant reviews, slates and their margins."""
