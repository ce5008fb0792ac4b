"""Applications and branch ballots of many branches in one workbook."""
