"""One module per claim; `weightscape.statistics.all_claims` lists them in order."""
