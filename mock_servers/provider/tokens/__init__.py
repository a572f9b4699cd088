"""The grants of the token endpoint, from a request for tokens to the pair that is issued. Knows no page."""
