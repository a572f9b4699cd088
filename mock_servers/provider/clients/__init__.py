"""Who a client is: authentication by secret, assertion or proof. Knows no grant."""
