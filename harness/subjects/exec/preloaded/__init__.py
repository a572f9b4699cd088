"""What a program in Python finds on its path when libfaketime is preloaded into it."""
