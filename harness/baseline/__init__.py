"""Baselines in files: findings that a team knows of, read, compared with a client in its version, and written anew.

It must not know how a run comes about: it is given a report, and gives back what is known of it.
"""
