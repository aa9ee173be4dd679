"""What each station of an invocation does, which setting rules it, and how long AWS takes: the words of the diagram."""

from dataclasses import dataclass, replace

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

ASYNC_REQUEST = replace(
    REQUEST,
    happening="The caller sends the event with X-Amz-Invocation-Type: Event, and waits only until Lambda has it safe.",
    rule="X-Amz-Invocation-Type: Event makes it asynchronous. Log type and log result have no meaning then.",
)
ASYNC_ANSWER = StopText(
    name="Answer",
    during="waiting for 202",
    done="answered",
    happening="202 with an empty body: the event is stored. What becomes of it, the caller never learns.",
    rule="There is no setting for it. Who wants to know the outcome sets destinations.",
    tab="async",
    on_aws="The same. The request id in the answer is the one that the function sees on every try.",
    refused="The event was not accepted: it is not queued, and nothing tries it again but the caller.",
)
QUEUE = StopText(
    name="Queue",
    during="waiting",
    done="queued",
    happening=(
        "The event waits until it is tried. A function error lets it wait one minute, then two; no concurrency, or a fault of the "
        "service, from a second up to five minutes, without using up a try."
    ),
    rule="Maximum retry attempts and maximum age of event, of the qualifier that was invoked.",
    tab="async",
    on_aws="Up to six hours, two retries. Your account's clock decides here when time has come; AWS has only the real one.",
    refused="The story ended without success: retries used up, too old, or the function takes no events.",
)
ASYNC_TEXTS = {
    **TEXTS,
    Station.ACCEPT: replace(TEXTS[Station.ACCEPT], rule="1 MB for an asynchronous event. There is no setting for it."),
    Station.ROUTE: replace(
        TEXTS[Station.ROUTE], on_aws="The draw is made anew for each try, with the code and configuration of that time."
    ),
    Station.ADMIT: replace(
        TEXTS[Station.ADMIT],
        on_aws="Without a free unit the event goes back into the queue and is tried again later: that uses up no attempt.",
        refused="There was no concurrency left. The event went back into the queue; no attempt is used up by that.",
    ),
    Station.RUN: replace(
        TEXTS[Station.RUN],
        refused="The function ran and failed. Lambda itself tries again, after one minute and after two, unless told otherwise.",
    ),
}
DESTINATION_TEXTS = {
    "OnSuccess": StopText(
        name="On success",
        during="sending",
        done="delivered",
        happening="The invocation record goes to the destination: what came in, what came out, how many runs it took.",
        rule="OnSuccess of the qualifier's event invoke configuration.",
        tab="async",
        on_aws="The function's role must be allowed to send there; a delivery that fails is tried again and then dropped.",
        refused="The record could not be delivered: the target is gone or refuses it.",
    ),
    "OnFailure": StopText(
        name="On failure",
        during="sending",
        done="delivered",
        happening="The invocation record goes to the destination: the event, the last error, and the condition that ended its story.",
        rule="OnFailure of the qualifier's event invoke configuration.",
        tab="async",
        on_aws="The function's role must be allowed to send there; a delivery that fails is tried again and then dropped.",
        refused="The record could not be delivered: the target is gone or refuses it.",
    ),
    "DeadLetterQueue": StopText(
        name="Dead-letter queue",
        during="sending",
        done="delivered",
        happening="The event itself, unchanged, with RequestID, ErrorCode and ErrorMessage as message attributes.",
        rule="DeadLetterConfig of the version that ran.",
        tab="async",
        on_aws="The older way; it works beside destinations, and belongs to the published version.",
        refused="The event could not be delivered: the queue or topic is gone or refuses it.",
    ),
    "none": StopText(
        name="Destination",
        during="waiting for the end",
        done="none",
        happening="When the event's story has ended, a record of it can go to a queue, a topic, a bus, a function or a bucket.",
        rule="OnSuccess and OnFailure of the event invoke configuration, and DeadLetterConfig.",
        tab="async",
        on_aws="Without destinations or a dead-letter queue a failed event is gone.",
    ),
}
"""What sends it (destinations.Kind) -> the words for it."""
