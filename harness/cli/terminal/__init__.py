"""How commands are called and answer: settings, progress, interruption, output, help. It must not know any command."""
