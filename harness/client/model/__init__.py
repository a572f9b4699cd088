"""The engine's values: settings, configuration, token, status, flow, errors. No IO."""
