"""What a scenario plays in: one provider, one subject, one network, one clock, and what else is within reach."""
