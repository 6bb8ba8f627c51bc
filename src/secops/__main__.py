"""The program's door: the `secops` command and `python -m secops`."""

from __future__ import annotations

import gc
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    # Looking for cyclic garbage while modules load, and once more in all of them at exit, costs
    # a hook a sixth of its time and finds nothing.
    gc.set_threshold(50_000)
    try:
        # Here, so that Ctrl-C while modules load is as quiet as any other.
        from secops.cli.boundary import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    gc.freeze()
    sys.exit(code)


if __name__ == "__main__":
    # `python -m` puts the working directory first on the module path; a repository that is
    # scanned from within must not be able to lend us its `yaml.py`.
    if not sys.flags.safe_path:
        del sys.path[0]
    main()
