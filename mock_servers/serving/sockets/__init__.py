"""HTTP on the wire: connections, framing, parsing, cookies, TLS and the server's clock. Knows no vendor and no
page.
"""
