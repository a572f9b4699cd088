"""How a user's consent is had: by a browser, by a program that drives the pages. It sees no token."""
