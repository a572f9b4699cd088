"""One file a format, `render(report) -> str`, and what only formats need. Knows no client and no provider."""
