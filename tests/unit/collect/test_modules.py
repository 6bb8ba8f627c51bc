"""Settings that a module called after the environment has, and does not take from it."""

from __future__ import annotations

import pytest

from secopskit.collect.gather import ProjectIndex, gather
from secopskit.findings import Blob

READS = "export const env = { A_ONE: process.env.A_ONE, B_TWO: 'x' };\n"
CHECKS = "export const env = z.object({ A_ONE: z.string() }).parse(process.env);\n"
PAGE = "const env = { ...window.env, isTest: false };\nexport default env;\n"
USER = 'import env from "{}";\nuse(env.A_ONE, env.B_TWO);\n'


def seen(files: dict[str, str], by: str) -> list[str]:
    blobs = (Blob(path, text.encode()) for path, text in sorted(files.items()))
    facts = gather(blobs, ProjectIndex(name="x"))
    return sorted(use.name for use in facts.uses if use.place.path == by)


@pytest.mark.parametrize(
    ("module", "path", "spelt", "names"),
    [
        (READS, "src/env.ts", "./env", ["A_ONE"]),
        (READS, "src/env/index.ts", "./env", ["A_ONE"]),
        (CHECKS, "src/env.mjs", "~/env.mjs", ["A_ONE"]),
        (CHECKS, "src/env.mjs", "@src/env", ["A_ONE"]),
        (PAGE, "src/env.js", "@/env", []),
        # Who has these names is not clear.
        (READS, "src/env.ts", "@acme/env", ["A_ONE", "B_TWO"]),
        (READS, "lib/env.ts", "./env", ["A_ONE", "B_TWO"]),
        ("export default { ...process.env };\n", "src/env.ts", "./env", ["A_ONE", "B_TWO"]),
        ("export const env = base.extend({ A_ONE: z.string() }).parse(process.env);\n", "src/env.ts", "./env",
         ["A_ONE", "B_TWO"]),
        ("export * from 'x';\n", "src/env.ts", "./env", ["A_ONE", "B_TWO"]),
        ("export default load();\n", "src/env.ts", "./env", ["A_ONE", "B_TWO"]),
    ],
)  # fmt: skip
def test_names_that_come_through_a_module(module: str, path: str, spelt: str, names: list[str]) -> None:
    files = {path: module, "src/page.ts": USER.format(spelt)}
    assert seen(files, "src/page.ts") == names


def test_the_nearest_module_is_meant() -> None:
    files = {"app/env.ts": PAGE, "server/env.ts": READS, "app/a.ts": USER.format("~/env")}
    files |= {"server/b.ts": USER.format("@server/env"), "other/c.ts": USER.format("~/env")}
    assert seen(files, "app/a.ts") == []
    files |= {"server/page/env.ts": PAGE, "plugins/x/server/env.ts": PAGE}
    assert seen(files, "server/b.ts") == ["A_ONE"]
    assert seen(files, "other/c.ts") == ["A_ONE", "B_TWO"]
