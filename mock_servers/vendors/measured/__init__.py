"""Released authorization servers as they were measured on loopback, one setting a profile; knows of no scenario.

What eight refreshes at once bring is not in a profile: a provider takes one request after the other, and these servers
answered differently from round to round.
"""
