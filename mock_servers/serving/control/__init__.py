"""The control API: its operations, what a call must look like, and what it tells. Knows no page and no socket."""
