"""Trust in declared providers: nothing is sent where a repository says, unless the user says so, too.

A provider's settings come with the repository. They could send the token of any variable, or a value, to any
host, use any profile, make a key for any user. What goes to the vendor's own address with the vendor's own
variable needs no question, nor does what stays on this machine. Neither does `admin_url_env`: what is in
that variable goes to the host that it names itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from secopskit.origin.interface import SourceReach
from secopskit.origin.trust import require_trust
from secopskit.provider import PROVIDERS, settings_of
from secopskit.provider.interface import Credential
from secopskit.rotate.request import RotationContext
from secopskit.state.smallfiles import is_inside


def require_trusted(context: RotationContext, credential: Credential) -> None:
    """Return if the provider may do what its settings say. Asks once for each. Raises RefusedError."""
    reaching = tuple(_reaching(context, credential))
    if reaching:
        danger = f"use {', '.join(f'{name}: {text}' for name, text in reaching)}"
        words = (credential.id, *(word for pair in reaching for word in pair))
        require_trust(
            context.origins,
            SourceReach(
                credential.provider, words, danger, subject=f"the declared provider `{credential.provider}`"
            ),
        )


def _reaching(context: RotationContext, credential: Credential) -> Iterator[tuple[str, str]]:
    """The settings that reach where the vendor's own would not, with what they say."""
    settings, entry = credential.settings, PROVIDERS.get(credential.provider)
    usual = {option.name: option.default for option in settings_of(credential.provider)} if entry else {}
    is_here = _is_here(settings.get("api_url", ""))
    for name in entry.reaching if entry else ():
        text = str(settings.get(name, ""))
        if text in ("", usual.get(name)) or _is_here(text):
            continue
        if name == "config":
            if not is_inside(os.path.join(context.origins.base, text), context.origins.base):
                yield name, text
        elif name == "repository" or name.endswith("url") or not is_here:
            yield name, text


def _is_here(address: Any) -> bool:
    """Whether an address is one of this machine, and can mean no other one."""
    from secopskit.web.wire import is_loopback

    try:
        parts = urlsplit(str(address))
        return bool(parts.scheme) and not parts.query and is_loopback(parts.hostname or "")
    except ValueError:
        return False
