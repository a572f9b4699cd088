"""The engine's refresh: decide, lock, send, store, tell. Pure policy and the driver that carries it out."""
