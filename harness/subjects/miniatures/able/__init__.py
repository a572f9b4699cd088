"""What miniatures are made of: the correct client that has every ability, and the value that names a flaw."""
