"""AWS's sentences for a refusal.

Source: IAM User Guide, "Troubleshoot access denied error messages".
"""

from invocations.values import Principal


def refusal(principal: Principal, action: str, resource: str, layer: str, *, is_explicit: bool) -> str:
    """`User: … is not authorized to perform: … on resource: … because no identity-based policy allows the … action`"""
    start = f"User: {principal.arn} is not authorized to perform: {action} on resource: {resource}"
    if is_explicit:
        article = "an" if layer[0] in "aeiou" else "a"
        return f"{start} with an explicit deny in {article} {layer}"
    return f"{start} because no {layer} allows the {action} action"
