"""Files to begin with, one for each kind of client: what `refreshproof new` writes. To add one, put its text into
`files/` and a row into `starters.py`.

Must not know: how a subject is found or run.
"""
