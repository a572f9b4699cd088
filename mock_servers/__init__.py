"""Authorization servers that behave like real vendors: profiles, providers, faults, and ways of being served."""
