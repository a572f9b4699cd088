"""Clients with one flaw on the way to a first token."""
