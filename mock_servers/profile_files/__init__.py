"""A vendor written as a TOML file: reading, checking, printing, its schema. Knows no vendor by name."""
