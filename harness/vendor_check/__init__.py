"""A real authorization server, asked how it treats refresh tokens; what it answers becomes a recorded profile."""
