"""Clients with one flaw in rotating refresh tokens."""
