"""What an access token opens: the resource, the gateway, the end of access in mid-session."""
