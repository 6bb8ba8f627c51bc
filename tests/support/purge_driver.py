"""A purge as a process of its own, to be killed: `python purge_driver.py REPOSITORY PHASE ACTION`.

Reads the value from standard input. At `PHASE` (never, if `-`) it does what `ACTION` says: `kill`
ends it as `kill -9` would, `full` lets no file grow any more.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path


def _main(path: str, phase: str, action: str) -> int:
    from secopskit.errors import SecopsError
    from secopskit.purge.swap.apply import apply_plan
    from support.history import opened
    from support.purges import Acting, planned
    from support.repos import Repo

    def act(now: str) -> None:
        if now != phase:
            return
        if action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    repo = Repo(Path(path))
    value = sys.stdin.buffer.read()
    try:
        outcome = apply_plan(
            opened(repo), planned(repo, value), backup_dir=f"{path}-backup", tell=Acting(act)
        )
    except SecopsError as error:
        sys.stderr.write(f"{error}\n{error.advice}\n")
        return int(error.exit_code)
    return 0 if outcome.proof.holds else 1


if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "src")]
    sys.exit(_main(*sys.argv[1:]))
