"""The console: the control API's operations as pages and forms for a person. Does nothing the control API cannot."""
