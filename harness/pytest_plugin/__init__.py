"""What pytest users get: fixtures, marker, `conformance`. Imported by every pytest run, so nothing loads before it
is used.
"""
