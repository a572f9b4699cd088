"""A body for each operation of the control API that takes one."""

from collections.abc import Mapping
from typing import Any

EXAMPLES: Mapping[str, Any] = {
    "set_clock": {"date": "2040-01-01T00:00:00Z"},
    "advance_clock": {"seconds": 1},
    "make_provider": {"name": "one", "vendor": "generic"},
    "set_own_clock": {"date": "2040-01-01T00:00:00Z"},
    "advance_own_clock": {"seconds": 1},
    "queue_fault": {"fault": "drop", "parameters": {"how": "hang"}},
    "break_handshakes": {"fail": 1},
    "decide": {"account": "alice", "scopes": ["read"], "seconds": 60},
    "withdraw": {"account": "alice"},
    "password": {"account": "alice", "action": "change"},
    "register_application": {"client_id": "new", "scopes": ["read"]},
    "create_application": {"name": "New", "owner": "alice"},
    "update_application": {"name": "Other", "refusal": "secret_expired"},
    "register_account": {"name": "carol", "permissions": ["admin"]},
    "policy": {"account": "alice", "refusal": "admin_policy"},
    "restore_snapshot": {"snapshot": 1},
}
