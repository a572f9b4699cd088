"""From a request to an endpoint and back to an answer: routes, tenants, scopes, replies, what was seen of a
request.
"""
