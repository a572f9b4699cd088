"""Virtual time, the callers that share it, and the two real clocks that watch them. Knows no step and no provider."""
