"""What several formats say and how they write it: text made safe, times, what a grade means, templates. No format is
known here."""
