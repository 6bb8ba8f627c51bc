"""Values in another form: what the plan promises to change is changed, and the rest is named."""

from __future__ import annotations

import base64
import json
import os
import re
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest

from support.values import alnum
from support.workshop import OPENED, ForkedWorkshop

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no fork")

_CONFIG = """
rotate:
  environments:
    production:
      TOK: {provider: random, kind: base64}
sync:
  environments:
    production:
      source: {dotenv: .env.production}
      secrets: [TOK, ENCODED, DOCUMENT, DIGITS, LOGIN, MARKUP, OTHER]
"""


def _written(value: str) -> dict[str, str]:
    return {
        "TOK": value,
        "ENCODED": quote(value, safe=""),
        "DOCUMENT": json.dumps({"token": value}),
        "DIGITS": base64.b64encode(value.encode()).decode(),
        "LOGIN": "Basic " + base64.b64encode(f"shop:{value}".encode()).decode(),
        "MARKUP": f"<token>{escape(value)}</token>",
        "OTHER": "green",
    }


def test_publish_lists_what_changes_and_nothing_else(tmp_path: Path) -> None:
    shop = ForkedWorkshop(tmp_path / "shop", _CONFIG)
    old = f'{alnum(12)}&"/{alnum(12)}'
    before = _written(old)
    shop.dotenv.write_text("".join(f"{name}='{text}'\n" for name, text in before.items()))
    shop.repo.write(".env.more", f"IT='{before['ENCODED']}'\nXML='{before['MARKUP']}'\n")
    plan = shop.rotate("plan", "--edit", ".env.more")
    told = " ".join(plan.out.split())
    promised = set(re.findall(r"(\w+) of production in \.env\.production(?! has)", told))
    by_hand, _, changed = plan.out.partition("Will break, edit by hand:")[2].partition("Read here")
    assert "MARKUP" in by_hand
    assert "MARKUP of production in .env.production has the old value in a form" in told
    assert ".env.more:2" in by_hand
    assert ".env.more:1" in changed
    done = shop.rotate("apply", "--edit", ".env.more", *OPENED)
    assert done.code == 0, done.text
    after = shop.values
    assert {name for name in before if after[name] != before[name]} == promised
    assert after == _written(after["TOK"]) | {"MARKUP": before["MARKUP"]}
    assert (tmp_path / "shop" / ".env.more").read_text().splitlines()[1] == f"XML='{before['MARKUP']}'"
    assert after["ENCODED"] in (tmp_path / "shop" / ".env.more").read_text()
    assert "the old value still stands in" in " ".join(done.text.split())
    assert old not in plan.text + done.text
