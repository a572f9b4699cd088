"""Clients with one flaw in where credentials go."""
