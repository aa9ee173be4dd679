"""What the endpoint can answer: one module per service, Lambda's a folder."""

import importlib
import pkgutil


def load() -> None:
    """Imports every module of this folder, so that all operations are registered. A new module needs no further mention."""
    for module in pkgutil.walk_packages(__path__, prefix=f"{__name__}."):
        importlib.import_module(module.name)
