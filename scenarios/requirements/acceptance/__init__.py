"""Requirements on what a client takes for a token answer: success, lifetimes, shapes and oddities."""
