"""What docstrings, comments and documents name exists: modules, their members, files of this repository."""

from __future__ import annotations

import pytest

from support import references
from support.cli import ROOT
from support.references import Reference

# Prose that speaks of others' code and files: where, and what it names there.
OF_OTHERS = {
    "benchmarks/RESULTS.md": ("docs/conf.py", "src/flask/", "tests/test_"),  # the repositories measured
    "docs/CI.md": (".github/workflows/secrets.yml",),  # what its reader writes
    "docs/report-json.md": ("src/app/", "run.properties"),  # an example, and a part of SARIF
    "docs/INFRA_DEPLOY_MISMATCH_REPORT.md": (".github/workflows/",),  # those of the example
    "docs/cli.md": (".github/workflows/db-",),  # what `secops migrate workflows` writes for its user
    "src/secopskit/cli/migrate/workflows.py": (".github/workflows/db-",),
    "src/secopskit/detect/chance/": ("",),
    "src/secopskit/detect/name/": ("",),  # names as scanned files have them
    "src/secopskit/detect/value/": ("",),  # names and values as scanned files have them
    "src/secopskit/detect/yelp/plugins.py": ("IPPublicDetector",),  # a plugin of detect-secrets
    "src/secopskit/git/child.py": ("preexec_fn",),  # of subprocess
    "docs/GITHUB_SECRETS_SETUP.md": ("secrets.",),  # the context of workflows, no module
    "src/secopskit/formats/workflows/expression.py": ("secrets.",),
    "benchmarks/README.md": ("benchmarks/.work",),  # made by a run
    ".gitignore": ("benchmarks/.work",),
    ".pre-commit": ("rules/.",),  # regular expressions
}


def is_ours(reference: Reference) -> bool:
    place = reference.path.relative_to(ROOT).as_posix()
    return not any(
        place.startswith(where) and reference.name.startswith(what) for where, what in OF_OTHERS.items()
    )


# All in one test: what they search is read once, and not by each of pytest's workers.
SEARCHES = (references.qualified, references.dotted, references.plain, references.paths)


def test_what_prose_names_exists() -> None:
    dead = [str(reference) for find in SEARCHES for reference in find() if is_ours(reference)]
    assert not dead, "\n".join(["named, but not there:", *dead])


def test_the_search_finds_what_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    path = ROOT / "src" / "secopskit" / "secret.py"
    dead = (
        "secopskit.secret.Secret secopskit.vault `secret.revealed` `SecretValue.unlock` `no_such_word` "
        "docs/none.md src/secopskit/<room>/none.py"
    )
    alive = (
        "secopskit.secret.SecretValue secopskit.cli `secret.SecretValue` `SecretValue.reveal` `os.fsdecode` "
        "`scan.history` docs/rules.md src/secopskit/<room>/__init__.py rules/*.yml `config.json`"
    )
    text = references.Text(path, 1, f"{dead} {alive}")
    monkeypatch.setattr(references, "prose", lambda: (text,))
    found = {reference.name for find in SEARCHES for reference in find()}
    assert found == set(dead.replace("`", "").split())


def test_the_readme_leads_to_every_document() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    documents = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")} | {"docs/adr/README.md"}
    assert {name for name in documents if f"]({name})" not in text} == set()
