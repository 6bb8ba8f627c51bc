"""Neither an old value nor a new one is seen anywhere but where it belongs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.workshop import CONFIG, OPENED, ForkedWorkshop

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="no /proc here")


@pytest.fixture
def shop(tmp_path: Path) -> ForkedWorkshop:
    return ForkedWorkshop(tmp_path / "shop")


def secrets_of(shop: ForkedWorkshop) -> set[str]:
    """Every value that was ever in use, in hexadecimal too."""
    known = {shop.token, shop.password, *shop.vendor.live("api"), *shop.vendor.live("db")}
    return known | {value.encode().hex() for value in known}


def seen_in(text: str, shop: ForkedWorkshop) -> list[str]:
    return [value for value in secrets_of(shop) if value in text]


def files_of_ours(shop: ForkedWorkshop) -> str:
    """All that lies in the git directory, as text."""
    return "".join(
        path.read_bytes().decode("latin-1") for path in (shop.path / ".git").rglob("*") if path.is_file()
    )


@pytest.mark.parametrize("loudness", ["-q", "-v", "-vv"])
def test_no_page_no_log_and_no_journal_has_a_value(shop: ForkedWorkshop, loudness: str) -> None:
    planned = shop.rotate("plan", loudness)
    seen = [planned.text, files_of_ours(shop)]
    applied = shop.rotate("apply", loudness, *OPENED, "--report", str(shop.path.parent / "report.md"))
    assert applied.code == 0, applied.text
    seen += [applied.text, (shop.path.parent / "report.md").read_text(), files_of_ours(shop)]
    seen += [shop.rotate("status", "-vv", "--format", form).text for form in ("text", "json", "md")]
    assert not seen_in("".join(seen), shop)


def test_what_stops_it_quotes_no_value(shop: ForkedWorkshop) -> None:
    (shop.path / ".secops.yaml").write_text(CONFIG.replace("account:", "broken: 'true', account:"))
    outcome = shop.rotate("apply", "-vv", "API_TOKEN", "DB_PASSWORD", *OPENED)
    assert outcome.code == 1, outcome.text
    assert not seen_in(outcome.text + files_of_ours(shop), shop)


def test_a_bug_in_a_provider_tells_no_value(shop: ForkedWorkshop) -> None:
    shop.fault = "support.rotating.install_with_a_bug"
    outcome = shop.rotate("apply", "-vv", "API_TOKEN", *OPENED)
    assert outcome.code == 70, outcome.text
    assert "RuntimeError" in outcome.err
    assert not seen_in(outcome.text, shop)


def test_values_lie_in_private_files_while_it_lasts(shop: ForkedWorkshop) -> None:
    (shop.path / ".secops.yaml").write_text(CONFIG.replace("account:", "busy: 'true', account:"))
    assert shop.rotate("apply", "API_TOKEN", *OPENED).code == 4
    notebook = shop.path / ".git" / "secops" / "rotate"
    assert notebook.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in notebook.iterdir()} == {0o600}
    holding = [path.name for path in notebook.iterdir() if seen_in(path.read_text(), shop)]
    assert holding
    assert all(name.startswith("value-") for name in holding)


def test_no_process_of_ours_shows_a_value(shop: ForkedWorkshop) -> None:
    """Looked at as often as it can be, in arguments and variables of all that runs below us."""
    seen = list[str]()
    fork = shop.start("rotate", "apply", "API_TOKEN", "DB_PASSWORD", *OPENED)
    while fork.runs():
        for child in family(fork.pid):
            for name in ("cmdline", "environ"):
                try:
                    seen.append(Path(f"/proc/{child}/{name}").read_bytes().decode("latin-1"))
                except OSError:  # it has ended
                    continue
    assert shop.ended(fork).code == 0
    assert len(seen) > 2
    assert not seen_in("".join(seen), shop)


def family(pid: int) -> Iterator[int]:
    """A process and all below it."""
    yield pid
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return
    for child in text.split():
        yield from family(int(child))
