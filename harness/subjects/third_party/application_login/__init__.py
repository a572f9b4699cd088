"""Libraries that leave the login, or a part of it, to the application around them; what refreshes is theirs."""
