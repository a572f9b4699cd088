"""Sample clients in other languages, each with the few lines that make it a program under test: templates to copy, which
know nothing of Python."""
