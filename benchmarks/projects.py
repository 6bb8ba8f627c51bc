"""A project of so many files, made anew with the same content every time."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.repositories import git

# Variables that only one file looks up, before all others and after them: whose report lacks one has not
# read them all.
RARE: Final = ("RARE_AT_THE_BEGINNING", "RARE_AT_THE_END")
_AT: Final = ("apps/app0/0first.py", "zz/last.py")


@contextmanager
def tree(files: int) -> Iterator[Path]:
    """A repository of so many files, all tracked, and two for `RARE`; removed at the end."""
    with tempfile.TemporaryDirectory(prefix="secops-bench-") as top:
        place = Path(top).resolve()
        git(place, "init", "-q")
        drawn = random.Random(7)
        kinds = [kind for kind, share in _SHARES for _ in range(share)]
        for number in range(files):
            name, content = kinds[number % len(kinds)](drawn, number)
            path = place / f"apps/app{number % 40}/part{number % 7}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for variable, name in zip(RARE, _AT, strict=True):
            path = place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f'import os\nvalue = os.environ["{variable}"]\n', encoding="ascii")
        git(place, "add", ".")
        yield place


def _filler(drawn: random.Random, mark: str, lines: int) -> str:
    words = ("value", "result", "items", "request", "response", "environment", "config", "index", "handler")
    return "".join(
        f"  {drawn.choice(words)}{drawn.randrange(100)} = {drawn.choice(words)}({drawn.randrange(999)}, "
        f"'{drawn.choice(words)}'); {mark} {drawn.choice(words)} {drawn.choice(words)}\n"
        for _ in range(lines)
    )


def _script(drawn: random.Random, number: int) -> tuple[str, bytes]:
    lookup = f"export const a = process.env.APP_{number % 90} ?? 'x';\n" if number % 8 == 0 else ""
    template = "const t = `a ${b} c ${d(`e`)}`;\n" * 5
    return f"module{number}.ts", (_filler(drawn, "//", 60) + lookup + template).encode()


def _component(drawn: random.Random, number: int) -> tuple[str, bytes]:
    lookup = f"const u = process.env.NEXT_PUBLIC_URL_{number % 20};\n" if number % 12 == 0 else ""
    body = "return (<div className={`a ${b}`}>{items.map((item) => <p key={item.id}>It's</p>)}</div>);\n"
    return f"View{number}.tsx", (_filler(drawn, "//", 40) + lookup + body * 8).encode()


def _python(drawn: random.Random, number: int) -> tuple[str, bytes]:
    lookup = f"import os\nA = os.environ.get('APP_{number % 90}', 'x')\n" if number % 6 == 0 else ""
    return f"module{number}.py", (lookup + _filler(drawn, "#", 80).replace("  ", "")).encode()


def _go(drawn: random.Random, number: int) -> tuple[str, bytes]:
    return f"part{number}.go", (
        _filler(drawn, "//", 80) + f'var A = os.Getenv("APP_{number % 90}")\n'
    ).encode()


def _other(drawn: random.Random, number: int) -> tuple[str, bytes]:
    forms = (
        ("rb", "#", "ENV.fetch('APP_{}', 'x')"),
        ("php", "//", "$a = getenv('APP_{}');"),
        ("java", "//", 'System.getenv("APP_{}");'),
        ("rs", "//", 'std::env::var("APP_{}").unwrap();'),
        ("cs", "//", 'Environment.GetEnvironmentVariable("APP_{}");'),
        ("ex", "#", 'System.get_env("APP_{}")'),
    )
    suffix, mark, lookup = forms[number % len(forms)]
    return f"part{number}.{suffix}", (_filler(drawn, mark, 60) + lookup.format(number % 90)).encode()


def _shell(_: random.Random, number: int) -> tuple[str, bytes]:
    body = f"A_{number}=${{APP_{number % 90}:-x}}\n"
    body += f'if [ -n "$OTHER_{number % 30}" ]; then echo "$A_{number}"; fi\n'
    return f"run{number}.sh", ("#!/bin/sh\n" + body * 20).encode()


def _document(drawn: random.Random, number: int) -> tuple[str, bytes]:
    rows = "".join(f"| `APP_{row}` | the environment's {row} | `x` |\n" for row in range(30))
    return f"page{number}.md", ("# Environment\n" + rows + _filler(drawn, "-", 40)).encode()


def _compose(_: random.Random, number: int) -> tuple[str, bytes]:
    services = "".join(
        f"  web{each}:\n    image: example/web:{each}\n    environment: ['APP_{each}=${{APP_{each}:-x}}']\n"
        f"    ports: ['{8000 + each}:80']\n"
        for each in range(6)
    )
    return f"stack{number}/compose.yml", f"services:\n{services}".encode()


def _workflow(_: random.Random, number: int) -> tuple[str, bytes]:
    step = "      - run: make\n        env: {A: '${{ secrets.B }}'}\n"
    text = f"on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n{step * 8}"
    return f".github/workflows/w{number}.yml", text.encode()


def _dotenv(_: random.Random, number: int) -> tuple[str, bytes]:
    lines = "".join(f"# about {each}\nAPP_{each}=x\n" for each in range(40))
    return f"env{number}/.env.example", lines.encode()


def _data(drawn: random.Random, number: int) -> tuple[str, bytes]:
    rows = ",\n".join(f'  "key{row}": "{drawn.randrange(10**9)}"' for row in range(60))
    return f"data{number}.json", f"{{\n{rows}\n}}\n".encode()


def _yaml(_: random.Random, number: int) -> tuple[str, bytes]:
    return f"list{number}.yaml", "".join(f"- name: n{row}\n  value: {row}\n" for row in range(40)).encode()


def _manifest(_: random.Random, number: int) -> tuple[str, bytes]:
    needs = ", ".join(f'"dep{each}": "^{each}"' for each in range(30))
    return f"pkg{number}/package.json", f'{{"name": "p{number}", "dependencies": {{{needs}}}}}'.encode()


def _picture(drawn: random.Random, number: int) -> tuple[str, bytes]:
    return f"picture{number}.png", b"\x89PNG\r\n\x1a\n\0" + drawn.randbytes(4000)


_Kind = Callable[[random.Random, int], tuple[str, bytes]]
_SHARES: Final[tuple[tuple[_Kind, int], ...]] = (
    (_script, 28),
    (_component, 22),
    (_python, 14),
    (_go, 4),
    (_other, 6),
    (_shell, 2),
    (_document, 4),
    (_compose, 1),
    (_workflow, 1),
    (_dotenv, 1),
    (_data, 6),
    (_yaml, 3),
    (_manifest, 2),
    (_picture, 6),
)
