"""How the harness ends an operation in the middle of the client's own code."""


class Ending(BaseException):
    """What only the harness raises through a client. Not an error, so that what a client does about errors is not done;
    any other exception that is no `Exception` is the client's own."""
