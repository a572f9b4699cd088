"""What `refreshproof vendor check` makes of its options, and what it tells; the command stands above."""
