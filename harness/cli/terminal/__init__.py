"""How commands talk to a terminal: progress, interruption, output, help. It must not know any command."""
