"""The schema for editors: it is made from the settings, and judges files as their readers do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from secopskit.errors import ConfigError
from secopskit.settings.audit import load_audit
from secopskit.settings.file import SECTIONS, options_of
from secopskit.settings.init import load_init
from secopskit.settings.migrate import load_migrate
from secopskit.settings.options import Option, as_text
from secopskit.settings.rotate import load_rotate
from secopskit.settings.scan import load
from secopskit.settings.schema import config_schema
from secopskit.settings.sync import load_sync

_VALIDATOR = Draft202012Validator(config_schema())
_OPTIONS = [option for section in SECTIONS for option in options_of(section)]
_LOADERS: dict[str, Any] = {
    "scan": load,
    "migrate": load_migrate,
    "sync": load_sync,
    "rotate": load_rotate,
    "audit": load_audit,
    "init": load_init,
}


def fits(text: str) -> bool:
    """Whether the schema takes a file, which editors read with YAML's types."""
    return bool(_VALIDATOR.is_valid(yaml.safe_load(text)))


def loads(directory: Path, text: str) -> bool:
    """Whether the readers of all sections take the file."""
    (directory / ".secops.yaml").write_text(text, encoding="utf-8")
    try:
        for loader in _LOADERS.values():
            loader(directory, environ={})
    except ConfigError:
        return False
    return True


def test_it_is_a_schema_and_knows_every_setting() -> None:
    schema = config_schema()
    Draft202012Validator.check_schema(schema)
    assert set(schema["properties"]) == set(SECTIONS)
    for section, node in schema["properties"].items():
        assert {option.name for option in options_of(section)} == set(node["properties"]) - {"environments"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "scan:\n",
        "scan: {exclude_paths: third_party/, disable_rules: [github-pat], min_severity: HIGH, jobs: 4}",
        "scan: {max_file_size: 10 MB, detect_secrets: Auto, entropy: on, cache: 'No', decode_depth: '3'}",
        "scan: {exclude_paths: [1, true, a], extra_rules: }",
        "migrate: {lock_timeout: 500, freeze: ['Fri 16:00 - Mon 08:00'], freeze_timezone: Europe/Berlin}",
        "migrate: {environments: {staging: {database_url_env: STAGING, guard: 1}, production: }}",
        "sync: {repositories: acme/shop, line_ends: LF, record: }",
        "sync: {environments: {prod: {source: {dotenv: .env}, sinks: [environment], secrets: [A_B, c]}}}",
        "sync: {environments: {prod: {source: prompt, variables: {A: , B: {key: C, sinks: []}}}}}",
        "sync: {environments: {prod: {source: {command: [vault, kv]}, secrets: 'A, B', visibility: all}}}",
        "rotate: {drain_timeout: 5min, environments: {prod: {A: {provider: random, length: 20, x: [a]}}}}",
        "audit: {name: shop, exclude: ['*.md'], disable: [], min_severity: info}",
        "init: {skip: [security]}",
    ],
)
def test_what_is_taken_by_both(tmp_path: Path, text: str) -> None:
    assert loads(tmp_path, text)
    assert fits(text)


@pytest.mark.parametrize(
    "text",
    [
        "scam: {}",
        "scan: [a]",
        "- scan",
        "scan: {min_severty: high}",
        "scan: {min_severity: worst}",
        "scan: {jobs: 513}",
        "scan: {max_file_size: 0}",
        "scan: {max_file_size: 5 apples}",
        "scan: {entropy: maybe}",
        "scan: {exclude_paths: {a: b}}",
        "scan: {disable_rules: [Not_An_Id]}",
        "migrate: {lock_timeout: soon}",
        "migrate: {identity: abc}",
        "migrate: {environments: {Staging: {}}}",
        "migrate: {environments: {staging: {database_url: x}}}",
        "migrate: {environments: [staging]}",
        "sync: {api_url: 'ftp://x'}",
        "sync: {environments: {prod: {secret: [A]}}}",
        "sync: {environments: {prod: {secrets: [GITHUB_TOKEN]}}}",
        "sync: {environments: {prod: {secrets: {A: {keys: B}}}}}",
        "sync: {environments: {prod: {source: {dotenv: a, command: b}}}}",
        "sync: {environments: {prod: {visibility: some}}}",
        "rotate: {environments: {prod: {A: {roles: [a]}}}}",
        "rotate: {environments: {prod: {A: {provider: random, length: {a: b}}}}}",
        "audit: {names: x}",
        "init: {skip: {a: b}}",
    ],
)
def test_what_is_refused_by_both(tmp_path: Path, text: str) -> None:
    assert not loads(tmp_path, text)
    assert not fits(text)


_WORDS = st.sampled_from(
    ["", " ", "on", "AUTO", "high", "re", "lf", "2s", "10MB", "7", "0", "a-b", "x y", "~"]
)
_VALUES = st.one_of(
    st.booleans(),
    st.integers(-3, 10**6),
    _WORDS,
    st.text("aZ09-_/.: ", max_size=6),
    st.lists(_WORDS, max_size=3),
)


@given(st.sampled_from(_OPTIONS), _VALUES)
def test_what_a_setting_takes_fits_its_shape(option: Option, value: object) -> None:
    text = yaml.safe_dump({option.section: {option.name: value}})
    read = yaml.load(text, Loader=yaml.BaseLoader)[option.section][option.name]
    try:
        option.kind.parse(as_text(read))
    except (ValueError, KeyError):
        return
    assert fits(text)
