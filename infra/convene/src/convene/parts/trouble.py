"""What a person can act on."""


class Unavailable(Exception):
    """Something the stack needs is not to be had. The text is one sentence saying what, and what to do."""
