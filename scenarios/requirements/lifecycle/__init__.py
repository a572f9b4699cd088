"""Requirements on how grants end: revocation, withdrawal, passwords, a second consent, disconnecting."""
