"""What a file of moderate size multiplies by itself: it costs little, and what is left out is said."""

from __future__ import annotations

import pytest

from secopskit.collect.assemble.repeats import repeated_passwords
from support.effort import costs_little
from support.project import project
from support.values import alnum

WORKFLOW, PIPELINE = ".github/workflows/ci.yml", ".gitlab-ci.yml"
LIMIT = 8.0  # seconds; each took more than ten, most without end
LOOK_UP = "${{ secrets.A_B }} "

TOLD = {
    "look-ups that every job has": (
        WORKFLOW,
        "env:\n"
        + "".join(f"  A{n}: '${{{{ secrets.X{n} }}}}'\n" for n in range(4000))
        + "jobs:\n"
        + "".join(f"  b{n}: {{runs-on: x}}\n" for n in range(4000)),
    ),
    "a long script that many steps repeat": (
        WORKFLOW,
        f"env: {{A: &a '{LOOK_UP * 10_000}'}}\njobs:\n  a:\n    steps:\n" + "    - run: *a\n" * 5000,
    ),
    "references that every job has": (
        PIPELINE,
        "variables:\n"
        + "".join(f"  A{n}: $X{n}\n" for n in range(4000))
        + "".join(f"b{n}: {{script: [x]}}\n" for n in range(6000)),
    ),
    "jobs that extend others many times": (
        PIPELINE,
        "".join(f"b{n}: {{script: [x], extends: [{', '.join([f'b{n + 1}'] * 9)}]}}\n" for n in range(12)),
    ),
    "containers that repeat an environment": (
        "k8s/deployment.yaml",
        "apiVersion: v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n"
        "      containers:\n      - name: z\n        env: &e\n"
        + "".join(f"        - {{name: A{n}, value: x}}\n" for n in range(4000))
        + "".join(f"      - {{name: c{n}, env: *e}}\n" for n in range(4000)),
    ),
}
READ = {
    "a long script of look-ups": (WORKFLOW, f"jobs:\n  a:\n    steps:\n    - run: {LOOK_UP * 30_000}\n"),
    "an index that is never closed": (
        WORKFLOW,
        f"jobs:\n  a:\n    steps:\n    - run: ${{{{ {'secrets[' * 20_000} }}}}\n",
    ),
    "combinations": (
        WORKFLOW,
        "jobs:\n  a:\n    strategy:\n      matrix:\n        include:\n" + "        - {a: b}\n" * 12_000,
    ),
    "arguments from before the first stage": ("Dockerfile", f"ARG A=1\nFROM a\nRUN {'$A ' * 200_000}\n"),
    "stages with all arguments of those before": (
        "Dockerfile",
        "FROM a AS s0\n"
        + "".join(f"ARG A{n}=x\n" for n in range(4000))
        + "".join(f"FROM s{n} AS s{n + 1}\n" for n in range(6000)),
    ),
}


@pytest.mark.parametrize(("path", "text"), TOLD.values(), ids=TOLD)
def test_what_is_left_out_is_said(path: str, text: str) -> None:
    found = costs_little(lambda: project({path: text}), LIMIT)
    assert path in {each.path for each in found.skipped}


@pytest.mark.parametrize(("path", "text"), READ.values(), ids=READ)
def test_what_is_read_all_the_same(path: str, text: str) -> None:
    found = costs_little(lambda: project({path: text}), LIMIT)
    assert found.jobs or found.dockerfiles


def test_containers_that_take_all_of_a_map() -> None:
    entries = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata:\n" + "".join(
        f"  A{n}: x\n" for n in range(6000)
    )
    pod = (
        "---\napiVersion: v1\nkind: Deployment\nmetadata: {{name: d{0}}}\nspec: {{template: {{spec: "
        "{{containers: [{{name: c, image: x, envFrom: [{{configMapRef: {{name: m}}}}]}}]}}}}}}\n"
    )
    files = {"k8s/all.yaml": entries + "".join(pod.format(n) for n in range(600))}
    (stack,) = costs_little(lambda: project(files), LIMIT).stacks
    assert "some containers take more from maps and secrets than is read" in stack.limits


def test_one_password_in_many_places() -> None:
    word = alnum(12)
    lines = "".join(f"A{n}_PASSWORD={word}\nB{n}_URL=postgres://u:{word}@db/x\n" for n in range(4000))
    services = "".join(
        f"  s{n}:\n    image: x\n    environment: {{DB_PASSWORD: {word}, "
        f"DATABASE_URL: 'postgres://u:{word}@db/x'}}\n"
        for n in range(800)
    )
    facts = project({".env": lines, "compose.yml": f"services:\n{services}"})
    assert costs_little(lambda: repeated_passwords(facts), LIMIT)
