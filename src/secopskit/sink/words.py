"""Declared sinks in words, for those who cannot see what `environment` refers to; no host is asked."""

from __future__ import annotations

from typing import Final

from secopskit.settings.declaration import DeclaredValue, SinkChoice

# `{name}` is what stands after the colon, `{environment}` that or the declared one.
_WORDS: Final = {
    "repository": "GitHub Actions of {where}",
    "environment": "GitHub environment {environment} of {where}",
    "organization": "GitHub Actions of the organisation {name}",
    "dependabot": "Dependabot of {where}",
    "dependabot-organization": "Dependabot of the organisation {name}",
    "codespaces": "Codespaces of {where}",
    "codespaces-organization": "Codespaces of the organisation {name}",
    "codespaces-user": "your own Codespaces",
    "dotenv": "the file {name}",
}


def sink_words(choice: SinkChoice, value: DeclaredValue, environment: str) -> str:
    """Where `choice` of a value that is declared for `environment` leads to."""
    words = _WORDS.get(choice.kind)
    if words is None:
        return str(choice)
    return words.format(
        name=choice.name,
        environment=choice.name or environment,
        where=", ".join(value.repositories) or "the repository, which no remote names",
    )
