"""GetAccountSettings."""

from typing import Any

from django.db.models import Sum

from invocations import limits
from invocations.models import Account, Function, FunctionVersion, LayerVersion
from invocations.resources import concurrency


def describe(account_id: str) -> dict[str, Any]:
    """AccountLimit and AccountUsage."""
    account, _ = Account.objects.get_or_create(account_id=account_id)
    code = FunctionVersion.objects.filter(function__account_id=account_id).aggregate(total=Sum("code_size"))["total"] or 0
    layers = LayerVersion.objects.of(account_id).filter(is_deleted=False).aggregate(total=Sum("code_size"))["total"] or 0
    return {
        "AccountLimit": {
            "TotalCodeSize": limits.TOTAL_CODE_SIZE,
            "CodeSizeUnzipped": limits.UNZIPPED_CODE,
            "CodeSizeZipped": limits.ZIP_FILE,
            "ConcurrentExecutions": account.concurrent_executions,
            "UnreservedConcurrentExecutions": concurrency.unreserved(account_id),
        },
        "AccountUsage": {"TotalCodeSize": code + layers, "FunctionCount": Function.objects.of(account_id).count()},
    }
