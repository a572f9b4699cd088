"""Clients with one flaw at the end of a grant."""
