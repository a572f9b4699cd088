"""Requirements on when a client refreshes and what it sends, and on what it makes of a resource's refusal."""
