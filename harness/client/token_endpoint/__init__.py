"""What the engine sends to a token endpoint and what it makes of the answer. Stores nothing."""
