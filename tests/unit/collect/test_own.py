"""What secops wrote about a project is no fact of the project."""

from __future__ import annotations

import pytest

from secopskit.audit.baseline import change, dump_accepted
from secopskit.audit.tell import load_form
from secopskit.audit.tell.interface import AuditView
from secopskit.collect.gather import ProjectIndex, gather
from secopskit.collect.own import BASELINE_KIND, REPORT_MARK, is_own_report
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


@pytest.mark.parametrize(("count", "said"), [(1, "1 report of secops was"), (2, "2 reports of secops were")])
def test_that_a_report_was_not_read_is_said(count: int, said: str) -> None:
    reports = [Blob(f"docs/{number}.md", f"<!-- {REPORT_MARK} -->\n".encode()) for number in range(count)]
    facts = gather([Blob("a.py", b"SOME_NAME"), *reports], ProjectIndex(name="x"))
    assert facts.limits == (f"{said} not read for facts",)


@pytest.mark.parametrize("mark", [f"<!-- {REPORT_MARK} -->", f'"kind": "{BASELINE_KIND}"'])
def test_a_file_of_another_kind_is_read_whatever_it_says_of_itself(mark: str) -> None:
    text = f"# {mark}\nservices: {{db: {{image: postgres, ports: ['5432:5432']}}}}\n"
    facts = gather([Blob("compose.yml", text.encode())], ProjectIndex(name="x"))
    assert [service.name for stack in facts.stacks for service in stack.services] == ["db"]
    assert facts.limits == ()


@pytest.mark.parametrize("data", [b'{"name": "secops", "version": "1"}', b"# secops-report\nSOME_NAME", b""])
def test_what_only_speaks_of_it_is_read(data: bytes) -> None:
    assert not is_own_report(Blob("a.md", data))
