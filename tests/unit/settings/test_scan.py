"""Settings: where they come from, what is refused, and that the docs say the same."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.errors import ConfigError
from secopskit.findings import Severity
from secopskit.settings.options import SEVERITIES
from secopskit.settings.scan import OPTIONS, Config, Engine, ScanConfig, Switch, load
from secopskit.settings.shown import Shown


def load_text(root: Path, text: str | bytes, **environ: str) -> Config:
    (root / ".secops.yaml").write_bytes(text.encode() if isinstance(text, str) else text)
    return load(root, environ=environ)


def refusal(root: Path, text: str | bytes, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_text(root, text, **environ)
    assert caught.value.advice
    return str(caught.value)


def test_the_table_and_the_type_name_the_same_settings() -> None:
    assert list(ScanConfig._fields) == [option.name for option in OPTIONS]


def test_defaults(tmp_path: Path) -> None:
    config = load(tmp_path, environ={})
    assert config.file is None
    assert config.scan == ScanConfig(
        exclude_paths=(),
        disable_rules=(),
        extra_rules=(),
        min_severity=Severity.LOW,
        show=Shown.DEFAULT,
        max_file_size=16 * 1024 * 1024,
        baseline=str(tmp_path / ".secops.baseline.json"),
        detect_secrets=Switch.AUTO,
        entropy=False,
        decode_depth=2,
        engine=Engine.AUTO,
        jobs=0,
        cache=True,
        archives=True,
        gitleaks_rules=True,
        strict=False,
    )


def test_a_file_sets_everything(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    config = load_text(
        tmp_path,
        """
scan:
  exclude_paths: ["vendor/", '*.lock', a,b]
  disable_rules: [github-pat, jwt]
  extra_rules: [rules/own.yml]
  min_severity: High
  show: Tests
  max_file_size: 10MB
  baseline: rules/accepted.json
  detect_secrets: true
  entropy: yes
  decode_depth: 3
  engine: re
  jobs: "4"
  cache: off
  strict: yes
""",
    )
    assert config.file == str(tmp_path / ".secops.yaml")
    assert config.scan == ScanConfig(
        exclude_paths=("vendor/", "*.lock", "a", "b"),
        disable_rules=("github-pat", "jwt"),
        extra_rules=(str(tmp_path / "rules/own.yml"),),
        min_severity=Severity.HIGH,
        show=Shown.TESTS,
        max_file_size=10_000_000,
        baseline=str(tmp_path / "rules/accepted.json"),
        detect_secrets=Switch.ON,
        entropy=True,
        decode_depth=3,
        engine=Engine.RE,
        jobs=4,
        cache=False,
        archives=True,
        gitleaks_rules=True,
        strict=True,
    )


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    config = load_text(
        tmp_path,
        "scan: {jobs: 4, engine: re}",
        SECOPS_SCAN_JOBS="2",
        SECOPS_SCAN_EXCLUDE_PATHS="a/, *.md",
        SECOPS_OTHER="x",
    )
    assert (config.scan.jobs, config.scan.engine) == (2, Engine.RE)
    assert config.scan.exclude_paths == ("a/", "*.md")
    lines = load(tmp_path, environ={"SECOPS_SCAN_EXCLUDE_PATHS": "a,b\nc"})
    assert lines.scan.exclude_paths == ("a,b", "c")


@pytest.mark.parametrize("text", ["", "# nothing\n", "scan:\n", "scan: {}\n", "{}", "---\n"])
def test_an_empty_file_changes_nothing(tmp_path: Path, text: str) -> None:
    assert load_text(tmp_path, text).scan == load(tmp_path, environ={}).scan


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1),
        ("500KB", 500_000),
        ("2 MB", 2_000_000),
        ("1GiB", 2**30),
        ("7b", 7),
        ("3k", 3000),
        ("4mib", 2**22),
    ],
)
def test_sizes(tmp_path: Path, text: str, size: int) -> None:
    assert load_text(tmp_path, f"scan: {{max_file_size: {text}}}").scan.max_file_size == size


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("max_file_size: 0", "size"),
        ("max_file_size: -1", "size"),
        ("max_file_size: 10iB", "size"),
        ("max_file_size: 1e9", "size"),
        ("max_file_size: 99999999999999999999", "size"),
        ("decode_depth: 4", "0 to 3"),
        ("decode_depth: two", "0 to 3"),
        ("jobs: -1", "0 to 512"),
        ("jobs: [1]", "0 to 512"),
        ("jobs: {a: 1}", "0 to 512"),
        ("cache: maybe", "true or false"),
        ("cache: ", "true or false"),
        ("entropy: auto", "true or false"),
        ("detect_secrets: 2", "true, false or auto"),
        ("engine: pcre", "auto, hyperscan or re"),
        ("min_severity: terrible", "info, low, medium, high or critical"),
        ("min_severity: 3", "info, low, medium, high or critical"),
        ("exclude_paths: [[a]]", "list of path patterns"),
        ("exclude_paths: {a: b}", "list of path patterns"),
        ("disable_rules: [Not A Rule]", "list of rule ids"),
        ("baseline: ''", "file name"),
        ("baseline: [a]", "file name"),
    ],
)
def test_a_wrong_value_names_file_key_and_expectation(tmp_path: Path, setting: str, expected: str) -> None:
    message = refusal(tmp_path, f"scan:\n  {setting}\n")
    assert message.startswith(str(tmp_path / ".secops.yaml"))
    assert f"scan.{setting.partition(':')[0]}" in message
    assert expected in message


def test_a_wrong_variable_is_named(tmp_path: Path) -> None:
    assert "SECOPS_SCAN_JOBS: must be: 0 to 512" in refusal(tmp_path, "", SECOPS_SCAN_JOBS="many")
    assert "SECOPS_SCAN_JOB: there is no such setting" in refusal(tmp_path, "", SECOPS_SCAN_JOB="1")


def test_an_unknown_key_is_named_with_a_suggestion(tmp_path: Path) -> None:
    (tmp_path / ".secops.yaml").write_text("scan: {exclude_path: [a]}")
    with pytest.raises(ConfigError, match=r"unknown key `scan\.exclude_path`") as caught:
        load(tmp_path, environ={})
    assert caught.value.advice == "Did you mean exclude_paths?"
    assert "unknown key `scans`" in refusal(tmp_path, "scans: {}")
    assert "unknown key `scan.q`" in refusal(tmp_path, "scan: {q: 1}")


def test_a_key_does_not_speak_to_the_terminal(tmp_path: Path) -> None:
    message = refusal(tmp_path, '"\\e[31m' + "k" * 500 + '": 1')
    assert "\x1b" not in message
    assert len(message) < len(str(tmp_path)) + 120


@pytest.mark.parametrize("text", ["[]", "- a", "just text", "scan: [a]", "scan: text"])
def test_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    assert "must be a mapping" in refusal(tmp_path, text)


BOMB = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (97 + n, 97 + n, b",".join([b"*%c" % (96 + n)] * 9)) for n in range(1, 20)
)
HOSTILE = {
    "not yaml": b"scan: [",
    "binary": bytes(range(256)),
    "bad utf-8": b"scan: {baseline: '\xff\xfe'}",
    "deep": b"[" * 5_000,
    "deep map": b"{a: " * 5_000,
    "bomb": BOMB,
    "merge bomb": b"a: &a {k: v}\nscan: {<<: [*a, *a], <<: *a}",
    "recursive": b"scan: &a {exclude_paths: *a}",
    "python tag": b"!!python/object/apply:os.system ['true']",
    "tag in a value": b"scan: {exclude_paths: !!python/name:os.system x}",
    "unhashable key": b"? [a]\n: b",
    "two documents": b"scan: {}\n---\nscan: {}",
    "null byte": b'scan: {baseline: "a\\0b"}',
    "too large": b"#" * 70_000,
}


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "tag in a value"])
def test_hostile_files_are_refused_in_one_sentence(tmp_path: Path, name: str) -> None:
    message = refusal(tmp_path, HOSTILE[name])
    assert len(message) < len(str(tmp_path)) + 200


def test_a_tag_constructs_nothing(tmp_path: Path) -> None:
    assert load_text(tmp_path, HOSTILE["tag in a value"]).scan.exclude_paths == ("x",)


@given(st.binary(max_size=200))
def test_any_bytes_are_settings_or_a_config_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    root = tmp_path_factory.getbasetemp()
    (root / ".secops.yaml").write_bytes(data)
    with suppress(ConfigError):
        load(root, environ={})


@pytest.mark.parametrize("key", ["baseline", "extra_rules"])
@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "link/outside", "a/../../b"])
def test_no_file_outside_the_repository(tmp_path: Path, key: str, name: str) -> None:
    root = tmp_path / "repo"
    root.mkdir()
    (root / "link").symlink_to(tmp_path)
    assert "leads out of the repository" in refusal(root, f"scan: {{{key}: {name}}}")
    assert "leads out of the repository" in refusal(root, "", **{f"SECOPS_SCAN_{key.upper()}": name})


def test_a_named_file_may_stand_elsewhere_and_name_its_neighbours(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    root.mkdir()
    file = tmp_path / "team" / "secops.yaml"
    file.parent.mkdir()
    file.write_text("scan: {extra_rules: [own.yml], baseline: accepted.json}")
    config = load(root, file=file, environ={})
    assert config.scan.extra_rules == (str(file.parent / "own.yml"),)
    assert config.scan.baseline == str(file.parent / "accepted.json")
    file.write_text("scan: {extra_rules: [../own.yml]}")
    with pytest.raises(ConfigError, match="leads out"):
        load(root, file=file, environ={})


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path, file=tmp_path / "nope.yaml", environ={})


def test_links_fifos_and_directories(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    root.mkdir()
    (tmp_path / "outside").write_text("scan: {jobs: 1}")
    file = root / ".secops.yaml"
    file.symlink_to(tmp_path / "outside")
    with pytest.raises(ConfigError, match="leads out"):
        load(root, environ={})
    file.unlink()
    file.symlink_to(file)
    with pytest.raises(ConfigError):
        load(root, environ={})
    file.unlink()
    file.mkdir()
    with pytest.raises(ConfigError):
        load(root, environ={})
    file.rmdir()
    os.mkfifo(file)
    with pytest.raises(ConfigError, match="not a regular file"):
        load(root, environ={})


def test_without_a_file_yaml_is_not_imported() -> None:
    code = (
        "import pathlib, sys, secopskit.settings.scan as c;"
        "c.load(pathlib.Path('/nonexistent'), environ={});"
        "print({'yaml', 'secopskit.settings.file'} & set(sys.modules))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": "src"}
    )
    assert answer.stdout.strip() == "set()"


def test_the_severities_of_the_configuration_are_those_of_findings() -> None:
    assert tuple(severity.label for severity in Severity) == SEVERITIES
