"""What is issued and in which shape: tokens, id_tokens, members of an answer. Decides nobody's right to them."""
