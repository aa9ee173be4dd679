"""How many calls of Lambda's control plane an account may make a second, where its owner wants that enforced.

Source: Developer Guide, "Lambda quotas", API requests: GetFunction 100 a second, GetPolicy 15, all others together 15; Invoke
has limits of its own (admit.py).
"""

import asyncio
from typing import Final
from weakref import WeakKeyDictionary

from invocations import catalogue
from invocations.enums import ThrottleReason
from invocations.errors import TooManyRequestsException
from invocations.rates import Rates
from playground.endpoint.permissions.lambda_ import INVOKES
from playground.endpoint.registry import Call

GET_FUNCTION_A_SECOND: Final = 100
_OF_ITS_OWN: Final = frozenset({"GetFunction", "GetPolicy"})
"""Operations with a bucket of their own; what is left shares one."""
_rates: WeakKeyDictionary[asyncio.AbstractEventLoop, Rates] = WeakKeyDictionary()


async def check(call: Call) -> None:
    """Raises TooManyRequestsException for a call too many. An account that does not want it pays a look at its snapshot."""
    if call.service != "lambda" or call.operation in INVOKES or not call.principal.account_id.isdigit():
        return
    account_id = call.principal.account_id
    rate = (await catalogue.account(account_id)).control_plane_requests_per_second
    if not rate:
        return
    loop = asyncio.get_running_loop()
    rates = _rates.get(loop)
    if rates is None:
        rates = _rates[loop] = Rates()
    bucket = call.operation if call.operation in _OF_ITS_OWN else "others"
    rate = GET_FUNCTION_A_SECOND if call.operation == "GetFunction" else rate
    if not await rates.take_one(f"caller-rate:{account_id}:{bucket}", rate, rate):
        raise TooManyRequestsException(ThrottleReason.CALLER_RATE_LIMIT_EXCEEDED)
