"""How a user's consent becomes a code: the authorization request, the device flow, OpenID Connect. Knows no grant."""
