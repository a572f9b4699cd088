"""Frozen sets of requirements: which count in a pipeline, whatever a later version tests besides. It must not know how
a run comes about: it is given a report, and gives back one in which the others stand apart.
"""
