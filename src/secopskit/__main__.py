"""The program's door: the `secops` command and `python -m secopskit`."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    # What start-up makes stays; looking for garbage among it only costs time.
    gc.set_threshold(50_000, 20, 20)
    arguments = sys.argv[1:]
    try:
        # Closed, or without a buffer: seldom enough that no start has to load a module for it.
        if not all(hasattr(getattr(each, "buffer", None), "raw") for each in (sys.stdout, sys.stderr)):
            from secopskit.cli.terminal.streams import settle_streams

            settle_streams()
        if arguments[:3] == ["hook", "run", "--"]:  # what follows are file names, whatever they look like
            _check_commit(arguments[3:])
        elif arguments[:2] == ["hook", "run"] and not any(word.startswith("-") for word in arguments):
            _check_commit(arguments[2:])
        # Here, so that Ctrl-C while modules load is as quiet as any other.
        from secopskit.cli.boundary import run

        code = run(arguments)
    except KeyboardInterrupt:
        code = 130
    gc.freeze()
    sys.exit(code)


def _check_commit(files: list[str]) -> None:
    """`secops hook run [FILES]`, which every commit waits for, without the command line's machinery.

    Leaves the process when it is done. If anything is amiss it returns, and the ordinary way,
    which knows how to tell about errors, is taken from the beginning.
    """
    with suppress(Exception):
        from secopskit.cli.hook.commit_check import check_commit
        from secopskit.settings.environment import has_runner_log

        with nullcontext() if not has_runner_log() else _guarded():
            code = check_commit(files)
            sys.stdout.flush()
        os._exit(code)


def _guarded() -> AbstractContextManager[None]:
    from secopskit.cli.runner_log import guarded

    return guarded()


if __name__ == "__main__":
    # `python -m` puts the working directory first on the module path; a repository that is
    # scanned from within must not be able to lend us its `yaml.py`.
    if not sys.flags.safe_path:
        del sys.path[0]
    main()
