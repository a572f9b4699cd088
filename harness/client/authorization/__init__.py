"""The engine's flow from a landing page to a stored token, with the diagnosis of what went wrong."""
