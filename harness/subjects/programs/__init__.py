"""Sample clients in other languages, each with the few lines that make it a program under test; they are templates to
copy, and know nothing of Python."""
