"""Recordings: traffic that was really sent, read from HAR or taken down at served vendors, and what of it is judged.

It plays nothing and knows no requirement; what a recording does not show it never makes up.
"""
