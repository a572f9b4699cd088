"""Requirements on access tokens around their end: lead, skew, cluster, long operations."""
