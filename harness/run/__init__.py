"""A run: cells, jobs, events, survey, kill matrix, replay, and the report that is made of them. Knows no option and
no terminal.
"""
