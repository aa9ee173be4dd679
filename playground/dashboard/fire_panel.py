"""What the fire panel needs to know, on whichever page it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from invocations.arn import LATEST
from invocations.authorize import source_keys
from invocations.enums import LogType
from invocations.models import Function, FunctionUrl, Invocation
from invocations.resources import samples
from invocations.values import InvokeRequest, Principal
from playground.dashboard import invocation_models, outcomes, url_lane
from playground.dashboard.call_as import Call, Form, forms
from playground.dashboard.calling import Caller
from playground.dashboard.invocation_models import MODELS, URL, Model
from playground.dashboard.json_text import Mistake, mistake_in
from playground.dashboard.permissions import principals
from playground.front_doors.function_url import SOURCE

EMPTY_EVENT = "{}"
TIMES = (1, 10, 50, 200)
"""How many events can be fired at once."""


@dataclass
class FirePanel:
    """One filled-in panel. Names are those of its form fields."""

    account_id: str
    endpoint_url: str
    fn: str = ""
    qualifier: str = ""
    event: str = ""
    """The name of the saved event that was loaded, or under which to save."""
    payload: str = ""
    log_type: str = LogType.TAIL
    models: str = invocation_models.SYNC.id
    """Ids of the models to fire by, with commas between them."""
    times: str = "1"
    """How many events at once; asynchronously alone."""
    replay_of: str = ""
    act_as: str = ""
    """Who calls, as permissions.principals has it; the account's root where it is empty."""
    act_source: str = ""
    """On behalf of which topic, rule or bucket a service calls."""
    problem: str = ""
    """Why the last attempt could not be sent, in a sentence."""
    saved: str = ""
    """The name of the event that was saved just now."""
    saving: bool = False
    """Whether the field for a name is open."""
    reserved_typed: str | None = None
    """What was typed for the reserved concurrency and could not be set, because of reserved_problem."""
    reserved_problem: str = ""
    mistake: Mistake | None = None
    function: Function | None = field(default=None)

    @cached_property
    def functions(self) -> list[str]:
        """Names to choose from."""
        return list(Function.objects.of(self.account_id).order_by("name").values_list("name", flat=True))

    @cached_property
    def events(self) -> list[str]:
        """Names of the function's saved events."""
        return list(self.function.test_events.values_list("name", flat=True)) if self.function else []

    @cached_property
    def qualifiers(self) -> list[tuple[str, str]]:
        """(value, label) of what can be invoked: nothing, $LATEST, aliases, versions, newest first."""
        if self.function is None:
            return [("", LATEST)]
        aliases = [
            (alias.name, _alias_label(alias.name, alias.function_version, alias.additional_version_weights))
            for alias in self.function.aliases.order_by("name")
        ]
        versions = self.function.versions.exclude(version=LATEST).order_by("-pk").values_list("version", flat=True)
        found = [("", f"none: {LATEST}"), *aliases, *((number, f"version {number}") for number in versions)]
        if self.qualifier and self.qualifier not in dict(found):
            found.append((self.qualifier, f"{self.qualifier} (no longer there)"))
        return found

    @property
    def outcomes(self) -> list[tuple[str, str, bool]]:
        """(value, label, whether the event asks for it) of the ways to end; empty where no function would obey."""
        is_there = outcomes.obeys(self.fn, self.payload) or outcomes.OBEDIENT in self.functions
        asked = outcomes.outcome_of(self.payload)
        return [(value, label, value == asked) for value, label in outcomes.OUTCOMES] if is_there else []

    @property
    def outcome_switches_to(self) -> str:
        """The function that obeys, where the chosen one is not known to."""
        return "" if outcomes.obeys(self.fn, self.payload) else outcomes.OBEDIENT

    @property
    def reserved(self) -> str:
        """The function's reserved concurrency, for its field; empty for none."""
        if self.reserved_typed is not None:
            return self.reserved_typed
        found = self.function.reserved_concurrent_executions if self.function else None
        return "" if found is None else str(found)

    @property
    def chosen(self) -> list[Model]:
        """The models to fire by."""
        return invocation_models.parse(self.models)

    @property
    def all_models(self) -> list[Model]:
        """Every model, for what is said of the chosen one."""
        return list(MODELS.values())

    @property
    def choices(self) -> list[tuple[str, str, str]]:
        """(value, label, key) of the chips."""
        return invocation_models.choices(self.models)

    @property
    def all_times(self) -> list[str]:
        """What can be chosen for `times`."""
        return [str(number) for number in TIMES]

    @property
    def repeats(self) -> int:
        """How many events are fired."""
        return int(self.times) if self.chosen == [invocation_models.ASYNC] else 1

    @property
    def calls(self) -> list[Form]:
        """The same call in other forms, for each model."""
        found = []
        for model in self.chosen:
            if model is URL:
                found += self._url_calls
                continue
            call = Call(self.account_id, self.fn, self.payload, self.endpoint_url, self.qualifier, self.log_type)
            found += [
                form if len(self.chosen) == 1 else replace(form, id=f"{form.id}-{model.id}", name=f"{form.name}, {model.name.lower()}")
                for form in forms(replace(call, invocation_type=model.invocation_type, times=self.repeats))
            ]
        return found

    @cached_property
    def url(self) -> FunctionUrl | None:
        """The URL that the function has for the qualifier."""
        return url_lane.url_of(self.function, self.qualifier)

    @property
    def _url_calls(self) -> list[Form]:
        if self.url is None:
            return []
        return [Form("curl-url", "curl, function URL", url_lane.call_of(self.url, self.payload, self.endpoint_url, self.act_as).curl())]

    @property
    def rows(self) -> int:
        """Lines that the event's field shows."""
        return min(max(self.payload.count("\n") + 2, 8), 24)

    @cached_property
    def principals(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """(heading, (value, label)) of whom one can act as."""
        return principals.choices(self.account_id)

    @property
    def caller(self) -> Caller:
        """Who makes the call."""
        principal = principals.read(self.act_as) if self.act_as else None
        keys = source_keys(self.act_source, self.account_id) if self.act_source else {}
        return Caller(principal or Principal.root(self.account_id), keys)

    def request(self, model: Model) -> InvokeRequest:
        """What is to be sent by *model*."""
        return InvokeRequest(
            account_id=self.account_id,
            function_name=self.fn,
            payload=self.payload.encode(),
            qualifier=self.qualifier or None,
            invocation_type=model.invocation_type,
            log_type=LogType(self.log_type),
            source=SOURCE if model is URL else "console",
            replay_of=self.replay_of or None,
        )

    def check(self) -> bool:
        """Looks for what would be refused for its form alone; `mistake` or `problem` then says what."""
        self.mistake = mistake_in(self.payload)
        if self.function is None:
            self.problem = f"There is no function {self.fn!r}." if self.fn else "Choose a function."
        elif self.chosen == [URL] and self.url is None:
            named = f"{self.fn}:{self.qualifier}" if self.qualifier else self.fn
            self.problem = f"{named} has no function URL. Its URL tab makes one."
        elif self.act_as and not any(self.act_as == value for _, found in self.principals for value, _ in found):
            self.problem = f"There is nobody called {self.act_as!r} to act as."
        return self.mistake is None and not self.problem


def default_function(account_id: str) -> str:
    """The function to begin with: the one invoked last, else the first ready-made one, else any."""
    names = list(Function.objects.of(account_id).order_by("name").values_list("name", flat=True))
    last = Invocation.objects.of(account_id).newest(1).values_list("function_name", flat=True)
    return next((name for name in (*last, *samples.names(), *names) if name in names), "")


def panel(account_id: str, endpoint_url: str, typed: Mapping[str, str]) -> FirePanel:
    """A panel as *typed*: the query of a link, or what its form sent. A function with saved events starts with the first."""
    options = {"log_type": set(map(str, LogType)), "times": set(map(str, TIMES))}
    found = FirePanel(account_id, endpoint_url)
    for name in ("fn", "qualifier", "event", "payload", "log_type", "models", "times", "replay_of", "act_as", "act_source"):
        if name in typed and (name not in options or typed[name] in options[name]):
            setattr(found, name, typed[name])
    found.models = found.models if found.chosen else invocation_models.SYNC.id
    found.payload = found.payload.replace("\r\n", "\n")  # as it was typed: forms send both characters
    found.function = Function.objects.of(account_id).filter(name=found.fn).first() if found.fn else None
    if "payload" not in typed:
        _load_event(found)
    return found


def _load_event(found: FirePanel) -> None:
    """The event asked for, else the one saved first, else an empty one."""
    saved = found.function.test_events if found.function else None
    chosen = saved and (saved.filter(name=found.event).first() or saved.order_by("pk").first())
    found.event, found.payload = (chosen.name, chosen.payload) if chosen else ("", EMPTY_EVENT)


def _alias_label(name: str, version: str, weights: Mapping[str, float]) -> str:
    split = "".join(f", {100 * weight:.4g} % version {other}" for other, weight in weights.items())
    return f"{name} (version {version}{split})"
