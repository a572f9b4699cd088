"""Microsoft as a vendor: its tenants and clouds, and how it refuses. Values only; what they do lives in the
provider.
"""
