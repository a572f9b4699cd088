"""Where the engine keeps configurations, flows and tokens: memory or SQL, secrets encrypted. Decides nothing."""
