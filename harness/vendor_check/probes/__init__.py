"""What is asked of a server: each probe is data and a generator of requests, which turns the answers into values."""
