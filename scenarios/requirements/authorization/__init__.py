"""Requirements on the way to a first token: request, callback, exchange, device flow, diagnosis, several servers."""
