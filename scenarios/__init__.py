"""What happens to a client and how it is judged: clocks, steps, worlds, requirements, exploration. Knows no client."""
