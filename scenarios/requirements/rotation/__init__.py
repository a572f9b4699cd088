"""Requirements on rotating refresh tokens: replace, keep, replay, recover a lost answer."""
