"""Recordings: traffic that nobody played is judged, and what was played is kept as such. It knows no client and no
socket.
"""
