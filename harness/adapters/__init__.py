"""What a user's client is wrapped in, and the small correct client that shows how. Knows no engine and no run."""
