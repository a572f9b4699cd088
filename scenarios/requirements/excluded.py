"""Requirements of the catalogue that no scenario can judge from outside, each with the reason and where it is shown."""

from __future__ import annotations

from collections.abc import Mapping

EXCLUDED: Mapping[str, str] = {
    "rotation-save-failure": (
        "A subject brings its own store, and no step makes that refuse a write; the engine's own tests do "
        "(tests/harness/client/refresh/test_refresh.py)."
    ),
    "concurrency-independent-grants": (
        "A subject holds one grant, so no step has two of them meet on one stripe; the engine's own tests have"
        " sixty-five (tests/harness/client/refresh/test_refresh.py)."
    ),
    "concurrency-compare-and-swap": (
        "It takes a writer that ignores the lock of another one; the engine's own tests play every interleaving of "
        "several writers (tests/harness/client/refresh/test_interleaving.py). What a late answer overwrites after a "
        "new login is lifecycle-reconsent-replaces."
    ),
    "concurrency-cancelled-caller": (
        "Operations are plain calls of threads, and a thread cannot be cancelled from outside; no subject offers "
        "cancellation."
    ),
    "lifecycle-prune": (
        "What a store has removed, and when its job ran, cannot be seen from outside; shown by the engine's own tests "
        "(tests/harness/client/test_prune.py)."
    ),
    "callback-client-delay": (
        "No step can stall a client between the arrival of a callback and its token request; the engine's own tests "
        "show it at 0, 59, 60, 61 and 300 s (tests/harness/client/authorization/test_flow.py)."
    ),
    "callback-landing-safe": (
        "A subject takes a callback and returns a result; it has no page that it could forward a browser to. Shown by "
        "the tests of the engine's pages (tests/harness/client/web/test_web.py)."
    ),
    "security-tls-validated": (
        "Certificates are checked below the carrier that scenarios are played over; whether a stack checks them shows "
        "over sockets only, as the engine's own tests do (tests/harness/client/token_endpoint/test_tls.py)."
    ),
    "security-store-at-rest": (
        "What lies in a client's store cannot be seen from outside; the engine's own tests look into its files "
        "(tests/harness/client/storage/test_storage.py)."
    ),
    "diagnosis-flow-result": (
        "The steps know one user agent, and a result is read by whoever brought the callback; the engine's own tests "
        "read results from two sessions (tests/harness/client/authorization/test_flow.py)."
    ),
    "config-required-fields": (
        "The administration of the reference engine: shown by tests/harness/client/web/test_rest.py."
    ),
    "config-https-requirement": (
        "The administration of the reference engine: shown by tests/harness/client/web/test_rest.py."
    ),
    "config-crud": ("The administration of the reference engine: shown by tests/harness/client/web/test_rest.py."),
    "config-settings-take-effect": (
        "The settings of the reference engine: shown by tests/harness/client/model/test_settings.py."
    ),
    "refresh-api-contract": (
        "What a caller of the engine's services gets and when it is stored: shown by the engine's own tests "
        "(tests/harness/client/refresh/test_refresh.py, tests/harness/client/model/test_token.py)."
    ),
    "resource-atlassian-gateway": (
        "A subject is handed the address of one resource, site included, so no step makes it choose among sites; what "
        "the gateway answers is shown by the provider's own tests (tests/mock_servers/vendors/test_atlassian_sites.py)."
    ),
}
"""Reasons by the id that the requirement would have."""
