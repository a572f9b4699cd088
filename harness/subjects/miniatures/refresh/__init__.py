"""Clients with one flaw in when they refresh, what they send, or what they make of a resource's refusal."""
