"""What a provider remembers: records, ledger, vault, consents. Answers no request."""
