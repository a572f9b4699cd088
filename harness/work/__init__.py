"""Where pieces of work are done: in this process, in several of this machine, on a cluster. It must not know what they
are: a piece is called, and what it gives comes back in the order of the work.
"""
