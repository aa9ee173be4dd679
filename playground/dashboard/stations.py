"""What each station of a synchronous invocation does, which setting rules it, and how long AWS takes: the words of the diagram."""

from dataclasses import dataclass

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
    name="Request",
    during="sending",
    done="sent",
    happening="The caller sends the event as the body of POST …/invocations and keeps the connection open until the answer comes.",
    rule="X-Amz-Invocation-Type, X-Amz-Log-Type and Qualifier belong to the request, not to the function.",
    tab="",
    on_aws="The way through the network comes on top: it is not part of any Lambda figure. Here it is your own machine.",
)

ANSWER = StopText(
    name="Package",
    during="packaging",
    done="answered",
    happening=(
        "Lambda puts the response into the body and the rest into headers: executed version, function error, the end of the log. "
        "A function error keeps Status Code 200."
    ),
    rule="A response may have 6 MB. Log Result comes only with LogType Tail.",
    tab="",
    on_aws="Nobody retries a synchronous invocation but the caller: AWS SDKs do so for throttles and service faults by themselves.",
    refused="Lambda puts the outcome into Status Code, headers and body. Whether to try again is up to the caller.",
)

TEXTS = {
    Station.ACCEPT: StopText(
        name="Accept",
        during="reading the request",
        done="accepted",
        happening="The Lambda service reads the event, checks that it is JSON and small enough, and gives the invocation its request id.",
        rule="6 MB for a synchronous event. There is no setting for it.",
        tab="",
        on_aws="The same limits hold on AWS.",
        refused="The event was not taken: an invocation error, the function never ran.",
    ),
    Station.AUTHORIZE: StopText(
        name="Authorize",
        during="checking permission",
        done="allowed",
        happening="Policies decide whether this caller may do lambda:InvokeFunction on this function.",
        rule="The caller's identity policies and the function's resource policy.",
        tab="",
        on_aws="IAM decides on each request; it adds no waiting time that AWS shows.",
        refused="No policy lets this caller invoke the function: an invocation error, the function never ran.",
    ),
    Station.ROUTE: StopText(
        name="Route",
        during="choosing the version",
        done="routed",
        happening="The qualifier becomes a version: a number is itself, no qualifier means $LATEST, an alias draws by its weights.",
        rule="The alias's version and its weights.",
        tab="versions",
        on_aws="The draw is made anew for each invocation; Executed Version in the answer tells the result.",
        refused="There is no such function, version or alias, or it cannot be invoked in its present state: an invocation error.",
    ),
    Station.ADMIT: StopText(
        name="Admit",
        during="asking for concurrency",
        done="admitted",
        happening="Each running invocation takes one unit of concurrency and gives it back at its end.",
        rule="Reserved and provisioned concurrency, and the account's limit.",
        tab="concurrency",
        on_aws="1,000 concurrent executions per account and Region by default. There is no queue: without a free unit it is a 429 at once.",
        refused="There was no concurrency left, so Lambda throttled the invocation: 429, and the function never ran.",
    ),
    Station.INIT: StopText(
        name="Init",
        during="preparing an environment",
        done="ready",
        happening=(
            "A warm environment is used again if one is free. Otherwise Lambda creates one in an Availability Zone, starts the "
            "runtime and runs your code outside the handler: a cold start."
        ),
        rule="Memory, code size, layers and what your module does when it is imported; provisioned concurrency avoids it.",
        tab="config",
        on_aws="A cold start takes from under 100 ms to over 1 s, in fewer than 1 % of invocations. Init may last 10 s on demand.",
        refused="No execution environment could be had for it: the function never ran.",
    ),
    Station.RUN: StopText(
        name="Invoke",
        during="running the handler",
        done="returned",
        happening="The runtime gets the event from the Runtime API, calls your handler and posts back what it returns.",
        rule="Timeout and Memory size.",
        tab="config",
        on_aws="Timeout is 3 s by default and 900 s at most. Afterwards the environment is frozen until the next event.",
        refused="The function ran and returned no result. That is a function error: Status Code 200 with Function Error set.",
    ),
}
