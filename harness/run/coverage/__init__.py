"""What a run has walked: moves of token families, rows of status tables, orders of callers."""
