"""Faults by name, one module a place where they strike. A fault wraps a handler and knows no vendor."""
