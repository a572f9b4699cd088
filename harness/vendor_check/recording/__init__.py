"""What was measured, as values and as texts: a profile, a report, a page, the difference from what was known."""
