"""The clients that can be tested by name: engine, small client, libraries, programs, miniatures."""
