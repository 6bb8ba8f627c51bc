"""What is found of what people write, and what is said of files in which nothing is secret.

    PYTHONPATH=src:tests .venv/bin/python -m benchmarks.detection --misses

Three sets, all with values drawn at each run: declarations in many languages and formats, whole files
without a secret, and keys as frameworks generate them. `--seed` draws the same ones again. Another checkout
is measured with its sources first in PYTHONPATH, another installation with `--command`, another program with
`--program`. Whatever is measured has to find what is planted around the probes, too: before them, after them
and deep below.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from benchmarks.other_scanners import SCANNERS, looked, secops_command

from support.framework_keys import draw_keys
from support.probe_scan import Verdict, judge
from support.probe_scan import scan as secops
from support.probes import DECLARATIONS, INNOCENT, Drawn, draw, load

_SETS = ("declarations", "innocent", "keys")
_SHOWN_OF_KEYS = 3  # misses of one form; the rest is more of the same


def main() -> None:
    chosen = _options()
    program = secops_command(chosen.command) if chosen.command else SCANNERS.get(chosen.program, secops)
    print(f"{chosen.command or chosen.program}, --seed {chosen.seed}")
    for name in chosen.set or _SETS:
        drawn = _drawn(name, chosen)
        with tempfile.TemporaryDirectory(prefix="probes-") as directory:
            verdicts = judge(drawn, Path(directory).resolve(), looked(program))
        print()
        if name == "innocent":
            _show_false(verdicts, everything=chosen.misses)
        else:
            _show_found(name, verdicts, misses=chosen.misses)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seed", default=secrets.token_hex(4), help="draw these values [default: new ones]")
    parser.add_argument("--set", action="append", choices=_SETS, help="only this one; repeatable")
    parser.add_argument("--keys", type=int, default=1000, metavar="N", help="of each form [default: 1000]")
    parser.add_argument("--program", choices=("secops", *SCANNERS), default="secops")
    parser.add_argument("--command", metavar="PATH", help="the secops that is installed here, as a process")
    parser.add_argument("--misses", action="store_true", help="show what was missed, and all that is false")
    return parser.parse_args()


def _drawn(name: str, chosen: argparse.Namespace) -> Sequence[Drawn]:
    if name == "keys":
        return list(draw_keys(chosen.keys, chosen.seed))
    return draw(load(DECLARATIONS if name == "declarations" else INNOCENT), chosen.seed)


def _show_found(title: str, verdicts: list[Verdict], *, misses: bool) -> None:
    """Found and all values, in total and of each kind; then the lines of what was missed."""
    by_kind: defaultdict[str, list[bool]] = defaultdict(list)
    for one in verdicts:
        by_kind[one.drawn.kind] += one.found
    found, total = sum(map(sum, by_kind.values())), sum(map(len, by_kind.values()))
    quiet = sum(bool(one.shown) and not any(shown.above_low for shown in one.shown) for one in verdicts)
    print(f"{title}: {found} of {total} found ({found / total:.1%}), {quiet} of them low alone")
    for kind, each in sorted(by_kind.items(), key=lambda item: (sum(item[1]) / len(item[1]), item[0])):
        if not all(each):
            print(f"  {kind:22} {sum(each):5} of {len(each):5}")
    if misses:
        _show_misses(verdicts)


def _show_misses(verdicts: list[Verdict]) -> None:
    told: Counter[str] = Counter()
    for one in verdicts:
        for value, found in zip(one.drawn.values, one.found, strict=True):
            limit = _SHOWN_OF_KEYS if one.drawn.path.startswith("k") else sys.maxsize
            if not found and told[one.drawn.kind] < limit:
                told[one.drawn.kind] += 1
                print(f"    missed {one.drawn.kind}: {one.drawn.path}:{value.line}: {_line(one, value.line)}")


def _show_false(verdicts: list[Verdict], *, everything: bool) -> None:
    """How many findings above low are in which files, and each with its line."""
    shown = [(one, each) for one in verdicts for each in one.shown]
    above = [(one, each) for one, each in shown if each.above_low]
    files = len({one.drawn.path for one, _ in above})
    print(
        f"innocent: {len(above)} findings above low in {files} of {len(verdicts)} files, {len(shown)} in all"
    )
    for one, each in shown if everything else above:
        level = each.severity.label if each.severity is not None else "?"
        place = f"{each.path}:{each.extent.line}"
        print(f"    {level} {each.rule}: {place}: {_line(one, each.extent.line)}")


def _line(verdict: Verdict, number: int) -> str:
    lines = verdict.drawn.data.splitlines()
    return lines[number - 1].decode(errors="replace").strip()[:160] if number <= len(lines) else ""


if __name__ == "__main__":
    main()
