"""Scenarios as data: steps, conditions, limits, wording, documents, and what a subject must offer. Plays nothing."""
