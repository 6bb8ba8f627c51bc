"""The forms of an audit's report, a module each with a `FORM`, loaded when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from secopskit.audit.tell.interface import AuditForm

FORMS: Final[dict[str, str]] = {
    "console": "secopskit.audit.tell.console",
    "md": "secopskit.audit.tell.markdown",
    "html": "secopskit.audit.tell.html",
    "json": "secopskit.audit.tell.json",
    "sarif": "secopskit.audit.tell.sarif",
    "github": "secopskit.audit.tell.github",
}


def load_form(name: str) -> AuditForm:
    """The form called `name`, which is a key of `FORMS`."""
    form: AuditForm = import_module(FORMS[name]).FORM
    return form
