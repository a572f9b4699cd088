"""Clients with one flaw in what they do when a refresh fails."""
