"""Values that are easily damaged on the way."""

from __future__ import annotations

from support.values import alnum


def awkward_values(number: int) -> dict[str, bytes]:
    """`number` values by name, no two alike. The first ones are those that others spoil."""
    key = "\n".join(alnum(64) for _ in range(6))
    header = "-----{} RSA PRIVATE KEY-----"
    texts = (
        f"{header.format('BEGIN')}\n{key}\n{header.format('END')}\n",
        f"{alnum(12)}\r\n{alnum(12)}\r\n",
        f"{alnum(12)}\n\n",
        f" {alnum(12)} \t",
        f"$HOME ${{{alnum(6)}}} $({alnum(4)}) `{alnum(4)}`",
        f"\"{alnum(6)}\" '{alnum(6)}' \\{alnum(6)}\\n#{alnum(4)}",
        f"pä{alnum(8)}ßwörd-\U0001f511-\u202e{alnum(4)}",
        f"postgres://u:{alnum(10)}%40@db.example/app?sslmode=require&x={alnum(4)}",
        alnum(48 * 1024),
        "x",
    )
    values = [text.encode() for text in texts] + [b"\xff\xfe" + alnum(20).encode()]
    values += [alnum(24).encode() for _ in range(number)]
    return {f"VALUE_{at:03}": value for at, value in enumerate(values[:number])}
