"""What is wrong with a policy document."""


class MalformedPolicy(ValueError):
    """The document is no policy; the message says why in IAM's words."""
