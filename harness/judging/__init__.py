"""Judging recordings: cells, report and files of traffic that nobody played. It knows no client and no socket."""
