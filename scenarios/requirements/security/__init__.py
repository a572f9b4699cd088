"""Requirements on where credentials go: redirects, addresses, logs and other output."""
