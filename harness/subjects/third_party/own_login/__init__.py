"""Libraries that log in themselves, and what those have in common; a subject knows its own library and no other."""
