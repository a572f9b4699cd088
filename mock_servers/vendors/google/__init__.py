"""Google as a vendor, and how it refuses. Values only; what they do lives in the provider."""
