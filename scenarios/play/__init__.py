"""A scenario played: one step after the other in a world, into a journal. Judges nothing."""
