"""Whether Lambda may assume a role: what its trust policy says, where the role exists here."""


def is_assumable_by_lambda(account_id: str, role_arn: str) -> bool:
    """True for a role that does not exist here, and for one whose trust policy lets lambda.amazonaws.com assume it."""
    return True
