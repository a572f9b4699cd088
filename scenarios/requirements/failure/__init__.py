"""Requirements on refreshes that fail: which failures end a grant, what an answer means, how often to ask again."""
