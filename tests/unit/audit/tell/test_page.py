"""The page of an audit: self-contained, inert, and alive where it should be."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from secopskit.audit.outcome import AuditOutcome
from secopskit.audit.tell import load_form
from secopskit.audit.tell.interface import AuditView
from support.mismatches import hostile_audit, shop_audit

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def page(outcome: AuditOutcome) -> str:
    return load_form("html").render(outcome, AuditView())


class AuditOutline(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


@pytest.mark.parametrize("outcome", [shop_audit(), hostile_audit()], ids=["shop", "hostile"])
def test_nothing_is_loaded_and_nothing_injected(outcome: AuditOutcome) -> None:
    outline = AuditOutline(page(outcome))
    assert outline.tags.count("script") == outline.tags.count("style") == outline.tags.count("svg") == 1
    assert not {"img", "link", "iframe", "object", "embed", "form", "base", "a"} & set(outline.tags)
    assert not [name for name, _ in outline.attributes if name.startswith("on") or name in {"src", "style"}]
    ids = [value for name, value in outline.attributes if name == "id"]
    assert len(set(ids)) == len(ids)
    labelled = {value for name, value in outline.attributes if name == "for"}
    assert labelled <= set(ids)


def test_the_policy_lets_only_our_own_style_and_script_run() -> None:
    text = page(shop_audit())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert "unsafe" not in policy[1]
    for tag in ("style", "script"):
        body = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert body is not None
        digest = base64.b64encode(hashlib.sha256(body[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy[1]


@pytest.mark.skipif(BROWSER is None, reason="no chromium or chrome on PATH")
@pytest.mark.parametrize(
    ("fragment", "shown"),
    [("#severity=P1", 2), ("#rule=open-database-port&stack=odoo", 1)],
)
def test_a_browser_shows_what_is_asked_for(tmp_path: Path, fragment: str, shown: int) -> None:
    assert BROWSER is not None
    file = tmp_path / "report.html"
    file.write_text(page(shop_audit()), encoding="utf-8")
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    command += [f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", f"{file.as_uri()}{fragment}"]
    dom = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode()
    assert f"{shown} of 9 shown" in dom
    bodies = re.findall(r'<tbody id="m-[^>]*>', dom)
    assert len([body for body in bodies if "hidden" not in body]) == shown
