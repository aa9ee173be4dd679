"""The code panel of the playground: one file of one function, and what is deployed of it."""

from dataclasses import dataclass, field
from functools import cached_property

from invocations import code_store
from invocations.models import FunctionVersion
from invocations.resources import functions, samples
from playground.dashboard import code_files
from playground.dashboard.code_files import Problem


@dataclass
class Workbench:
    """A function's file in the editor."""

    version: FunctionVersion
    """$LATEST."""
    typed: str | None = None
    """What the editor held when it was sent; None: what is deployed."""
    problem: Problem | None = None
    """Why it was not deployed."""
    error: str = ""
    """AWS's refusal, in its words."""
    is_deployed: bool = False
    """Just now."""
    _files: list[code_files.CodeFile] = field(init=False)

    def __post_init__(self) -> None:
        self._files = code_files.listing(code_store.tree(self.version.code_sha256))

    @property
    def name(self) -> str:
        """The function's."""
        return self.version.function.name

    @cached_property
    def path(self) -> str:
        """The file that holds the handler."""
        return code_files.main_file(self._files, self.version.handler) or ""

    @cached_property
    def deployed(self) -> str | None:
        """Its text as it is deployed; None where it is too large, or no text."""
        return code_files.read_text(code_store.tree(self.version.code_sha256), self.path)

    @property
    def text(self) -> str:
        """What the editor shows."""
        return (self.deployed or "") if self.typed is None else self.typed

    @property
    def language(self) -> str:
        """For the editor."""
        return next((file.language for file in self._files if file.path == self.path), "text")

    @property
    def others(self) -> int:
        """How many files more there are."""
        return len(self._files) - 1

    @property
    def is_sample(self) -> bool:
        """Whether it can be made again what it was on the first day."""
        return self.name in samples.names()

    @property
    def rows(self) -> int:
        """Lines that the plain field shows."""
        return min(max(self.text.count("\n") + 1, 12), 24)


def open_bench(account_id: str, name: str) -> Workbench:
    """The function's code. Raises ResourceNotFoundException."""
    return Workbench(functions.get(account_id, name))


def deploy(account_id: str, name: str, path: str, text: str, revision_id: str, *, anyway: bool) -> Workbench:
    """Puts *text* into the function's code, unless it has a syntax error (and *anyway* is false).

    Raises AwsError, PreconditionFailedException among them when somebody deployed meanwhile, and ValueError for a bad path.
    """
    version = functions.get(account_id, name)
    text = text.replace("\r\n", "\n")
    problem = None if anyway else code_files.check(path, text)
    if problem is not None:
        return Workbench(version, text, problem)
    archive = code_files.with_file(code_store.archive(version.code_sha256).read_bytes(), path, text)
    parameters = {"ZipFile": archive} | ({"RevisionId": revision_id} if revision_id else {})
    return Workbench(functions.update_code(account_id, name, parameters), is_deployed=True)
