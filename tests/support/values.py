"""Values that scanners take for secrets, made anew at every run: none of them opens anything."""

from __future__ import annotations

import random
import string

_ALNUM = string.ascii_letters + string.digits


def alnum(length: int) -> str:
    """`length` random letters and digits, with some of each kind."""
    rng = random.SystemRandom()
    while True:
        text = "".join(rng.choices(_ALNUM, k=length))
        if length < 3 or (
            any(map(str.isdigit, text)) and any(map(str.islower, text)) and any(map(str.isupper, text))
        ):
            return text


def github_token() -> str:
    """What rule `github-pat` finds."""
    return "ghp_" + alnum(36)


def slack_token() -> str:
    """What rule `slack-bot-token` finds."""
    rng = random.SystemRandom()
    return f"xoxb-{rng.randrange(10**11, 10**12)}-{rng.randrange(10**12, 10**13)}-{alnum(24)}"
