"""Clients with one flaw in what they take for a token answer."""
