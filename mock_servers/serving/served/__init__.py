"""One vendor being served: its addresses, its front desk with pages, its journal and its queued faults. Opens no
socket.
"""
