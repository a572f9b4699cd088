"""The matrix of subjects: each third-party client at some vendors, played anew where that is needed, and its violations
played again over sockets. Knows no option and no terminal.
"""
