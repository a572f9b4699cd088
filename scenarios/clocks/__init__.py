"""Virtual time, the callers that share it, a client's time zone, and the watchdog. Knows no step and no provider."""
