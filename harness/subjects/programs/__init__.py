"""Clients in other languages: samples to copy, which stand at the head of a language's folder, and libraries that are
subjects by name. A program knows the protocol of `exec:` and nothing of Python."""
