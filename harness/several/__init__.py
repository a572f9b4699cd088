"""What concerns several runs: two clients over the same lives, journals of shards put together. It must not know how
reports are shown.
"""
