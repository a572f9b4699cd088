"""The authorization server as a function of a request and an instant: it does no IO, reads no clock, knows no
vendor by name.
"""
