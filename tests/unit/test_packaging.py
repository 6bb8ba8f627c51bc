"""What is installed: the wheel ships the rules, and the entry point runs from it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest
import yaml
from hatchling.bridge.app import Application

from secopskit import __version__
from secopskit.detect.ready import shipped
from secopskit.detect.ruleset import open_ruleset
from secopskit.detect.structure import HINTS
from secopskit.git.packs import available
from secopskit.rules.load import load_builtin
from secopskit.rules.location import builtin_directory
from support.cli import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory that holds what an installation of the wheel would put on the module path."""
    pytest.importorskip("hatchling")
    directory = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(directory)]
    subprocess.run(
        build, cwd=ROOT, env=os.environ | {"SECOPS_COMPILE": "no"}, check=True, capture_output=True
    )
    (wheel,) = directory.glob("*.whl")
    site = directory / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


@pytest.mark.slow
def test_the_wheel_ships_every_rule_file(installed: Path) -> None:
    shipped = {path.name: path.read_bytes() for path in (installed / "secopskit/rules/builtin").iterdir()}
    assert shipped == {path.name: path.read_bytes() for path in (ROOT / "rules").iterdir()}


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_nothing_else(installed: Path) -> None:
    shared = f"secopskit-{__version__}.data"
    expected = {"secopskit", f"secopskit-{__version__}.dist-info", shared}
    assert {path.name for path in installed.iterdir()} == expected
    pages = {path.relative_to(installed / shared).as_posix() for path in (installed / shared).rglob("*.*")}
    assert pages == {f"data/share/man/man1/{path.name}" for path in (ROOT / "man").iterdir()}
    assert (installed / "secopskit/py.typed").exists()
    assert not list(installed.glob("**/.env*"))


@pytest.mark.slow
def test_it_runs_as_installed(installed: Path, tmp_path: Path) -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(installed)!r})\n"
        "from secopskit.rules.location import builtin_directory; print(builtin_directory())\n"
        "from secopskit.cli.boundary import run; sys.exit(run(['rules', 'list']))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    directory, *listed = done.stdout.splitlines()
    assert Path(directory) == installed / "secopskit/rules/builtin"
    assert [line.split()[0] for line in listed] == [rule.id for rule in load_builtin()]


def test_a_checkout_finds_its_rules() -> None:
    assert Path(builtin_directory()) == ROOT / "rules"


def test_the_version_is_the_same_everywhere() -> None:
    assert PROJECT["project"]["version"] == __version__
    assert f"[{__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8") or "[Unreleased]" in (
        ROOT / "CHANGELOG.md"
    ).read_text(encoding="utf-8")


def test_everything_that_is_required_is_pinned() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.split("==")[0].lower() for line in lines if line and not line.startswith("#")}
    extras = [entry for extra in PROJECT["project"]["optional-dependencies"].values() for entry in extra]
    wanted = [*PROJECT["project"]["dependencies"], *extras, *PROJECT["dependency-groups"]["dev"]]
    names = {entry.split(";")[0].split(">")[0].split("[")[0].strip().lower() for entry in wanted}
    assert names - {"secopskit"} <= pinned
    assert all("==" in line for line in lines if line and not line.startswith("#"))
    assert "://" not in "".join(line for line in lines if not line.startswith("#"))


def test_all_is_every_extra_but_the_one_of_a_single_vendor() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    (everything,) = extras["all"]
    named = set(everything.removeprefix("secopskit[").removesuffix("]").split(","))
    # `aws` is as large as all others together, and few need it.
    assert named == set(extras) - {"all", "aws"}


def test_the_framework_installs_the_core_alone_and_starts_what_nobody_else_has() -> None:
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")):
        assert hook["language"] == "python"
        assert "additional_dependencies" not in hook
        assert hook["entry"].split()[0] == "secopskit"
    assert PROJECT["project"]["scripts"].keys() == {"secops", "secopskit"}
    assert len(set(PROJECT["project"]["scripts"].values())) == 1


def script(name: str) -> ModuleType:
    """A script in Python, as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / f"scripts/{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_checkout_installs_every_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    module, commands = script("environment"), []

    def run(command: list[str | Path], lock: int) -> bool:
        commands.append([str(word) for word in command])
        return True

    monkeypatch.setattr(module, "run", run)
    module.install("uv", 0, dev=False)
    (command,) = commands
    assert f"{ROOT}[all]" in command


def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lack: str) -> tuple[ModuleType, list[str]]:
    """The script that makes environments, for a checkout that lacks something; and what it has run."""
    module, commands = script("environment"), list[str]()

    def run(command: list[str | Path], lock: int) -> bool:
        commands.append(" ".join(map(str, command)))
        return True

    source = tmp_path / "reader.pyx"
    source.touch()
    monkeypatch.setattr(module, "run", run)
    monkeypatch.setattr(module, "COMPILED", tmp_path / "stamp")
    monkeypatch.setattr(module, "COMPILED_FROM", (source,))
    monkeypatch.setattr(module, "WISH", "no" if lack == "wish" else "")
    monkeypatch.setattr(module.shutil, "which", lambda name: None if lack == "compiler" else f"/bin/{name}")
    headers = tmp_path / "include"
    headers.mkdir()
    if lack != "headers":
        (headers / "Python.h").touch()
    monkeypatch.setattr(module.sysconfig, "get_path", lambda _name: str(headers))
    return module, commands


def test_a_checkout_compiles_its_reader_once_for_each_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module, commands = checkout(tmp_path, monkeypatch, lack="")
    module.compile_reader(0)
    module.compile_reader(0)
    assert [command.endswith("compile.py") for command in commands] == [True]
    assert capsys.readouterr().err == "secops: compiling the reader of histories\n"
    soon = time.time() + 60
    os.utime(tmp_path / "reader.pyx", (soon, soon))
    module.compile_reader(0)
    assert len(commands) == 2
    module.install(None, 0, dev=False)
    assert "cython" in commands[-1]


@pytest.mark.parametrize(
    ("lack", "words"),
    [("compiler", "no C compiler"), ("headers", "python3-dev"), ("wish", "SECOPS_COMPILE is no")],
)
def test_a_checkout_says_once_why_its_reader_is_not_compiled(
    lack: str,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    module, commands = checkout(tmp_path, monkeypatch, lack)
    module.compile_reader(0)
    module.compile_reader(0)
    said = capsys.readouterr().err
    assert words in said
    assert said.count("histories are read through git") == 1
    assert not commands
    module.install(None, 0, dev=False)
    assert "cython" not in commands[-1]  # nothing is downloaded for nothing


def test_an_environment_that_holds_the_former_name_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = script("environment")
    monkeypatch.setattr(module, "ENVIRONMENT", tmp_path)
    site = tmp_path / "lib/python3.11/site-packages"
    (site / f"secopskit-{__version__}.dist-info").mkdir(parents=True)
    assert not module.holds_former_name()
    (site / "secops-0.1.0.dist-info").mkdir()
    assert module.holds_former_name()


class Hook(NamedTuple):
    """The build hook, and what it has put into the data of a build."""

    module: ModuleType
    data: dict[str, Any]

    def run(self, kind: str) -> dict[str, Any]:
        """What a build of this kind would be."""
        hook = self.module.CompiledPart(str(ROOT), {}, None, None, "", "wheel", Application())
        hook.initialize(kind, self.data)
        hook.finalize(kind, self.data, "")
        return self.data

    def built(self, directory: Path) -> list[Path]:
        """As if it had compiled the modules there."""
        return [directory / self.module.file_name(name) for name in self.module.NAMES]


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Hook:
    monkeypatch.delenv("SECOPS_COMPILE", raising=False)
    return Hook(script("compile"), {"force_include": {}})


def test_a_wheel_with_the_compiled_part_is_one_for_this_platform(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hook.module, "build", hook.built)
    monkeypatch.setattr(hook.module, "ship_rules", lambda directory: directory / "rules")
    data = hook.run("standard")
    assert (data["pure_python"], data["infer_tag"]) == (False, True)
    *modules, (rules, rules_place) = data["force_include"].items()
    assert [place for _, place in modules] == [
        f"secopskit/git/packs/{Path(made).name}" for made, _ in modules
    ]
    assert [Path(place).name.split(".")[0] for _, place in modules] == ["compiled", "treetable", "walk"]
    assert (Path(rules).name, rules_place) == ("rules", "secopskit/detect/ready/shipped_rules.bin")
    assert not Path(rules).parent.exists()  # nothing is left behind


def test_without_compiled_rules_the_wheel_still_has_the_compiled_part(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(directory: Path) -> Path:
        raise subprocess.CalledProcessError(1, ["python"])

    monkeypatch.setattr(hook.module, "build", hook.built)
    monkeypatch.setattr(hook.module, "ship_rules", fail)
    places = hook.run("standard")["force_include"].values()
    assert [place.split(".")[0] for place in places] == [
        "secopskit/git/packs/compiled",
        "secopskit/git/packs/treetable",
        "secopskit/git/packs/walk",
    ]
    monkeypatch.setenv("SECOPS_COMPILE", "yes")
    with pytest.raises(subprocess.CalledProcessError):
        hook.run("standard")


def test_a_build_asks_for_what_compiling_rules_needs(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    build = hook.module.CompiledPart(str(ROOT), {}, None, None, "", "wheel", Application())
    names = [one.split(">")[0] for one in build.dependencies()]
    assert names == ["Cython", "setuptools", "PyYAML", "hyperscan"]
    monkeypatch.setenv("SECOPS_COMPILE", "no")
    assert build.dependencies() == []


def test_the_rules_of_a_wheel_are_found_by_whoever_has_it(
    hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = hook.module.ship_rules(tmp_path)
    monkeypatch.setattr(shipped, "FILE", str(made))
    told = list[str]()
    opened = open_ruleset(engine="auto", cache=None, hints=HINTS, notice=told.append)
    assert len(opened) == len(load_builtin())
    assert told == []
    assert Path(shipped.__file__).parent.parts[-3:] == Path(hook.module.RULES).parent.parts


def test_rules_are_compiled_with_the_packages_of_the_build(
    hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An isolated build's packages are in its path, and not where its interpreter looks for them."""
    monkeypatch.setenv("PYTHONPATH", "")
    monkeypatch.setattr(sys, "executable", getattr(sys, "_base_executable", sys.executable))
    made = hook.module.ship_rules(tmp_path)
    monkeypatch.setattr(shipped, "FILE", str(made))
    told = list[str]()
    assert len(open_ruleset(engine="auto", cache=None, hints=HINTS, notice=told.append)) > 0
    assert told == []
    pytest.importorskip("hyperscan")
    assert made.stat().st_size > 2_000_000  # the database of the engine is in it


@pytest.mark.parametrize(("kind", "wish"), [("editable", ""), ("editable", "yes"), ("standard", "no")])
def test_nothing_is_compiled_where_it_is_not_wanted(
    hook: Hook, monkeypatch: pytest.MonkeyPatch, kind: str, wish: str
) -> None:
    monkeypatch.setattr(hook.module, "build", lambda _directory: pytest.fail("it compiles"))
    monkeypatch.setenv("SECOPS_COMPILE", wish)
    assert hook.run(kind) == {"force_include": {}}


def test_without_a_compiler_the_wheel_has_no_compiled_part(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(directory: Path) -> Path:
        raise SystemExit("error: command 'cc' failed")

    monkeypatch.setattr(hook.module, "build", fail)
    assert hook.run("standard") == {"force_include": {}}
    monkeypatch.setenv("SECOPS_COMPILE", "yes")
    with pytest.raises(SystemExit):
        hook.run("standard")


def test_the_compiled_part_counts_only_with_its_own_source(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = pytest.importorskip("secopskit.git.packs.compiled")
    monkeypatch.setattr(compiled, "SOURCE", "of another version")
    available.can_read_packs.cache_clear()
    try:
        assert not available.can_read_packs()
        assert available.reader_words().startswith("git cat-file")
    finally:
        available.can_read_packs.cache_clear()


@pytest.mark.skipif(os.name != "posix", reason="POSIX scripts")
@pytest.mark.parametrize("name", ["scripts/secops", "scripts/environment", "scripts/test", ".ci/run"])
def test_scripts_can_be_run_and_parsed(name: str) -> None:
    script = ROOT / name
    assert os.access(script, os.X_OK)
    shell = script.read_text(encoding="utf-8").splitlines()[0].removeprefix("#!").split()[-1].rsplit("/")[-1]
    subprocess.run([shell, "-n", str(script)], check=True)
