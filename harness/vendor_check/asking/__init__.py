"""What is sent to a server under check, when, and within which limits; it knows no probe and no socket."""
