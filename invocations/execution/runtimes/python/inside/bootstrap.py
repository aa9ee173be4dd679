"""Starts AWS's runtime client. With the argument `prepared`, loads it first and waits for the variables on descriptor 3."""

import os
import sys

VARIABLES = 3


def load() -> None:
    """Imports what the client imports, but for its part that reads variables while it loads."""
    import concurrent.futures.thread  # noqa: F401
    import importlib  # noqa: F401
    import logging  # noqa: F401
    import traceback  # noqa: F401

    import awslambdaric.lambda_config
    import awslambdaric.lambda_context
    import awslambdaric.lambda_runtime_client
    import awslambdaric.lambda_runtime_log_utils  # noqa: F401


def wait() -> None:
    """Reads the variables, until their writer closes the pipe."""
    parts = []
    while True:
        part = os.read(VARIABLES, 65536)
        if not part:
            break
        parts.append(part)
    os.close(VARIABLES)
    if not parts:
        os._exit(0)
    import time

    os.environ.clear()
    for variable in b"".join(parts).split(b"\0"):
        name, _, value = variable.partition(b"=")
        os.environb[name] = value
    time.tzset()


def search_path() -> "list[str]":
    """sys.path as AWS has it: the code, the layers, what PYTHONPATH says, this folder, the interpreter's own."""
    task, runtime = os.environ["LAMBDA_TASK_ROOT"], os.environ["LAMBDA_RUNTIME_DIR"]
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    opt = os.environ.pop("_PLAYGROUND_OPT", "/opt")
    wanted = [task, opt + "/python/lib/" + version + "/site-packages", opt + "/python"]
    wanted += [folder for folder in os.environ.get("PYTHONPATH", "").split(":") if folder]
    own = [folder for folder in sys.path if folder != runtime and folder not in wanted]
    return list(dict.fromkeys([*wanted, runtime])) + own


def main() -> None:
    """Runs the client's loop until the environment ends."""
    if "prepared" in sys.argv[1:]:
        load()
        wait()
    sys.path[:] = search_path()
    sys.argv[1:] = [os.environ["_HANDLER"]]
    from awslambdaric.__main__ import main as run

    run(sys.argv)


if __name__ == "__main__":
    main()
