"""Clients with one flaw where callers meet."""
