"""The shell of a page: head, policy, style and script, around what a report has to tell.

It loads nothing: style and script stand in the page and are the only ones its content
security policy lets run, by their hashes. Everything else is escaped text.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from importlib.resources import files

from secopskit import __version__


def html_page(title: str, header: str, body: Iterable[str], *, style: str = "") -> str:
    """The whole page. All three are HTML already; the parts of `body` stand a line each.

    `style` is what the page needs besides the one of all pages.
    """
    style, script = _asset("report.css") + style, _asset("report.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>secops: {title}</title>\n<style>{style}</style>\n</head>\n<body>",
        header,
        *body,
        f"<footer><p>secops {__version__}. Values are redacted.</p></footer>",
        f"<script>{script}</script>\n</body>\n</html>",
    ]
    return "\n".join(parts) + "\n"


def _asset(name: str) -> str:
    return files("secopskit.report.html").joinpath("assets", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
