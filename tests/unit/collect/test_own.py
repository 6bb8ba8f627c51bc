"""What secops wrote about a project is no fact of the project."""

from __future__ import annotations

import pytest

from secopskit.audit.baseline import change, dump_accepted
from secopskit.audit.tell import load_form
from secopskit.audit.tell.interface import AuditView
from secopskit.collect.gather import ProjectIndex, gather
from secopskit.collect.own import is_own_report
from secopskit.findings import Blob
from support.mismatches import OPEN_PORT, mismatch, shop_audit


@pytest.mark.parametrize("form", ["md", "json", "sarif"])
def test_a_committed_report_documents_nothing(form: str) -> None:
    text = load_form(form).render(shop_audit(), AuditView())
    facts = gather([Blob(f"docs/report.{form}", text.encode())], ProjectIndex(name="x"))
    assert (facts.documented, facts.mentions, facts.settings) == ((), (), ())


def test_neither_does_a_baseline() -> None:
    made = change((), [mismatch(OPEN_PORT, "SOME_NAME")])
    facts = gather([Blob(".secops.audit.json", dump_accepted(made.after))], ProjectIndex(name="x"))
    assert facts.mentions == ()


@pytest.mark.parametrize("data", [b'{"name": "secops", "version": "1"}', b"# secops-report\nSOME_NAME", b""])
def test_what_only_speaks_of_it_is_read(data: bytes) -> None:
    assert not is_own_report(Blob("a.md", data))
