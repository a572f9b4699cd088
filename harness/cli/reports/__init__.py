"""Commands about what earlier runs found: compare, merge, baseline. They must not know how a run comes about."""
