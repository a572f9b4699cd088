"""Clients with one flaw around the end of an access token."""
