"""A program in any language as a subject: its protocol, its process, its vendors on loopback."""
