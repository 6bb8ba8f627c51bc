"""A project read from real work trees: what is read, what is only listed, and what is said of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.collect.facts import FileRole
from secopskit.collect.project import read_project
from secopskit.errors import UsageError
from support.repos import Repo

LOOKUP = "process.env.{}\n"


def make(path: Path) -> Repo:
    repo = Repo.create(path)
    repo.write("src/app.ts", LOOKUP.format("ONE"))
    repo.write("src/app.test.ts", LOOKUP.format("TWO"))
    repo.write("node_modules/a/index.js", LOOKUP.format("THREE"))
    repo.write("dist/index.js", LOOKUP.format("FOUR"))
    repo.write("logo.png", b"\x89PNG\0")
    repo.write(".env.example", "ONE=1\n")
    repo.write(".gitignore", ".env\nsecret/\n")
    repo.git("add", "-A")
    repo.write(".env", "ONE=2\n")
    repo.write("api/.env", "TWO=2\n")
    repo.write("secret/.env", "THREE=3\n")
    return repo


def test_what_is_read_and_what_is_listed(tmp_path: Path) -> None:
    facts = read_project(str(make(tmp_path / "shop").path))
    assert facts.name == "shop"
    assert [(use.name, use.role) for use in facts.uses] == [("TWO", FileRole.TEST), ("ONE", FileRole.PRODUCT)]
    assert {"logo.png", "node_modules/a/index.js", "dist/index.js", "src/app.ts"} <= facts.paths
    assert facts.tracked == facts.paths
    assert [(each.name, each.place.path) for each in facts.settings] == [("ONE", ".env.example")]
    assert facts.skipped == ()


def test_what_was_not_read_is_said(tmp_path: Path) -> None:
    facts = read_project(str(make(tmp_path).path))
    assert facts.limits == (
        "2 vendored or generated files were not read",
        "2 ignored environment files were not read: .env, api/.env",
    )


def test_ignored_environment_is_read_when_asked_for(tmp_path: Path) -> None:
    facts = read_project(str(make(tmp_path).path), ignored_environment=True)
    assert {each.place.path for each in facts.settings} == {".env.example", ".env", "api/.env"}
    assert facts.limits == ("2 vendored or generated files were not read",)


def test_a_directory_within_a_repository_is_a_project(tmp_path: Path) -> None:
    repo = make(tmp_path / "all")
    repo.write("examples/shop/app.py", 'import os\nos.environ["SHOP"]\n')
    repo.git("add", "-A")
    facts = read_project(str(repo.path / "examples/shop"))
    assert facts.name == "shop"
    assert facts.paths == facts.tracked == {"app.py"}
    assert [(use.name, use.place.path, use.role) for use in facts.uses] == [
        ("SHOP", "app.py", FileRole.PRODUCT)
    ]


def test_a_directory_without_a_repository(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text('import os\nos.environ["ONE"]\n', encoding="utf-8")
    (tmp_path / "logo.png").write_bytes(b"\0")
    facts = read_project(str(tmp_path))
    assert facts.paths == {"app.py", "logo.png"}
    assert [use.name for use in facts.uses] == ["ONE"]


def test_a_file_that_is_too_large_is_said(tmp_path: Path) -> None:
    repo = make(tmp_path)
    repo.write("src/large.ts", LOOKUP.format("ONE") * 80_000)
    facts = read_project(str(repo.path))
    assert [each.path for each in facts.skipped] == ["src/large.ts"]


def test_what_is_not_in_the_work_tree_is_said(tmp_path: Path) -> None:
    repo = make(tmp_path / "shop")
    inner = Repo.create(tmp_path / "inner")
    inner.commit({"a.py": "import os\n"}, "it")
    head = inner.git("rev-parse", "HEAD").strip()
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{head},lib.inner")
    (repo.path / "src/app.ts").unlink()
    limits = read_project(str(repo.path)).limits
    assert "1 tracked file was not in the work tree: src/app.ts" in limits
    assert "1 submodule was not read: lib.inner" in limits


def test_a_clone_is_called_as_at_its_origin(tmp_path: Path) -> None:
    repo = make(tmp_path / "clone-7")
    assert read_project(str(repo.path)).name == "clone-7"
    repo.git("remote", "add", "origin", "https://user:word@git.example.com/team/shop.git")
    assert read_project(str(repo.path)).name == "shop"
    assert read_project(str(repo.path / "src")).name == "src"
    assert read_project(str(repo.path), name="store").name == "store"


def test_a_bare_repository_has_no_files_that_could_agree(tmp_path: Path) -> None:
    make(tmp_path / "shop").git("init", "--bare", "-q", str(tmp_path / "bare.git"))
    with pytest.raises(UsageError, match="without a work tree"):
        read_project(str(tmp_path / "bare.git"))
