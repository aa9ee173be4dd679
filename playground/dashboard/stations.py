"""What each station of a synchronous invocation does, which setting rules it, and how long AWS takes: the words of the diagram."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from invocations.enums import Station


@dataclass(frozen=True, slots=True)
class StopText:
    """The words for one stop."""

    name: str
    during: str
    """What it is doing, in two or three words."""
    done: str
    happening: str
    rule: str
    """Which setting rules it."""
    tab: str
    """The function page's tab with that setting; empty where there is none."""
    on_aws: str
    refused: str = ""
    """In place of *happening* where the invocation ended here."""


REQUEST = StopText(
    name=_("Request"),
    during=_("sending"),
    done=_("sent"),
    happening=_(
        "The caller sends the event as the body of POST …/invocations and keeps the connection open until the answer comes."
    ),
    rule=_("X-Amz-Invocation-Type, X-Amz-Log-Type and Qualifier belong to the request, not to the function."),
    tab="",
    on_aws=_("The way through the network comes on top: it is not part of any Lambda figure. Here it is your own machine."),
)

ANSWER = StopText(
    name=_("Answer"),
    during=_("packaging"),
    done=_("answered"),
    happening=_(
        "Lambda puts the response into the body and the rest into headers: executed version, function error, the end of the log. "
        "A function error keeps Status Code 200."
    ),
    rule=_("A response may have 6 MB. Log Result comes only with LogType Tail."),
    tab="",
    on_aws=_(
        "Nobody retries a synchronous invocation but the caller: AWS SDKs do so for throttles and service faults by themselves."
    ),
    refused=_("Lambda puts the outcome into Status Code, headers and body. Whether to try again is up to the caller."),
)

TEXTS = {
    Station.ACCEPT: StopText(
        name=_("Accept"),
        during=_("reading the request"),
        done=_("accepted"),
        happening=_(
            "The Lambda service reads the event, checks that it is JSON and small enough, and gives the invocation its request id."
        ),
        rule=_("6 MB for a synchronous event. There is no setting for it."),
        tab="",
        on_aws=_("The same limits hold on AWS."),
        refused=_("The event was not taken: an invocation error, the function never ran."),
    ),
    Station.AUTHORIZE: StopText(
        name=_("Authorize"),
        during=_("checking permission"),
        done=_("allowed"),
        happening=_("Policies decide whether this caller may do lambda:InvokeFunction on this function."),
        rule=_("The caller's identity policies and the function's resource policy."),
        tab="",
        on_aws=_("IAM decides on each request; it adds no waiting time that AWS shows."),
        refused=_("No policy lets this caller invoke the function: an invocation error, the function never ran."),
    ),
    Station.ROUTE: StopText(
        name=_("Route"),
        during=_("choosing the version"),
        done=_("routed"),
        happening=_(
            "The qualifier becomes a version: a number is itself, no qualifier means $LATEST, an alias draws by its weights."
        ),
        rule=_("The alias's version and its weights."),
        tab="versions",
        on_aws=_("The draw is made anew for each invocation; Executed Version in the answer tells the result."),
        refused=_(
            "There is no such function, version or alias, or it cannot be invoked in its present state: an invocation error."
        ),
    ),
    Station.ADMIT: StopText(
        name=_("Admit"),
        during=_("asking for concurrency"),
        done=_("admitted"),
        happening=_("Each running invocation takes one unit of concurrency and gives it back at its end."),
        rule=_("Reserved and provisioned concurrency, and the account's limit."),
        tab="concurrency",
        on_aws=_(
            "1,000 concurrent executions per account and Region by default. There is no queue: without a free unit it is a 429 at once."
        ),
        refused=_("There was no concurrency left, so Lambda throttled the invocation: 429, and the function never ran."),
    ),
    Station.INIT: StopText(
        name=_("Init"),
        during=_("preparing an environment"),
        done=_("ready"),
        happening=_(
            "A warm environment is used again if one is free. Otherwise Lambda creates one in an Availability Zone, starts the "
            "runtime and runs your code outside the handler: a cold start."
        ),
        rule=_("Memory, code size, layers and what your module does when it is imported; provisioned concurrency avoids it."),
        tab="config",
        on_aws=_(
            "A cold start takes from under 100 ms to over 1 s, in fewer than 1 % of invocations. Init may last 10 s on demand."
        ),
        refused=_("No execution environment could be had for it: the function never ran."),
    ),
    Station.RUN: StopText(
        name=_("Invoke"),
        during=_("running the handler"),
        done=_("returned"),
        happening=_("The runtime gets the event from the Runtime API, calls your handler and posts back what it returns."),
        rule=_("Timeout and Memory size."),
        tab="config",
        on_aws=_("Timeout is 3 s by default and 900 s at most. Afterwards the environment is frozen until the next event."),
        refused=_(
            "The function ran and did not return a result. To Lambda that is a function error: Status Code 200 with Function Error set."
        ),
    ),
}
