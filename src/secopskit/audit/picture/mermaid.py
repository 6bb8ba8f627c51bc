"""The picture as Mermaid flowcharts, which code hosts draw: one of a small project, else one a stack.

https://mermaid.js.org/syntax/flowchart.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from secopskit.audit.picture.model import NodeKind, Picture, PictureBox, PictureLine, PictureNode
from secopskit.report.text import visible

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9 ._/:,+\u00d7\u2026-]")
_SHAPE: Final = {
    NodeKind.SERVICE: ('["', '"]'),
    NodeKind.DATABASE: ('[("', '")]'),
    NodeKind.PROXY: ('{{"', '"}}'),
    NodeKind.JOB: ('(["', '"])'),
    NodeKind.FILE: ('[/"', '"/]'),
    NodeKind.OUTSIDE: ('("', '")'),
}
# By their lines alone, so that they can be read on light and on dark pages.
_LOOKS: Final = {
    "database": "stroke:#2f6f9f,stroke-width:2px",
    "outside": "stroke-dasharray:4 3",
    "file": "stroke-dasharray:2 2",
    "open": "stroke:#b3123a,stroke-width:3px",
}
_LONGEST: Final = 60
_NODES_AT_ONCE: Final = 40
_KEYS: Final = 2


def mermaid(picture: Picture) -> tuple[tuple[str, str], ...]:
    """The flowcharts, each with its title (empty for that of the whole)."""
    if not picture.nodes:
        return ()
    if len(picture.nodes) <= _NODES_AT_ONCE or len(picture.boxes) < 2:
        return (("", _chart(picture.boxes, picture.loose, picture.lines)),)
    return tuple((box.name, _of_box(box, picture)) for box in picture.boxes)


def legend(picture: Picture) -> str:
    """What the marks of the flowcharts mean, as far as they are there."""
    kinds = {node.kind for node in picture.nodes}
    marks = [
        ("a cylinder keeps data", NodeKind.DATABASE in kinds),
        ("a red one can be reached from outside of the host", any(_is_alarm(node) for node in picture.nodes)),
        ("a dashed frame is defined by no file here", NodeKind.OUTSIDE in kinds),
        ("a line is a setting that points there", any(line.keys for line in picture.lines)),
        ("a dotted line is the order in which they start", any(line.kind is None for line in picture.lines)),
    ]
    told = "; ".join(text for text, there in marks if there)
    return f"{told[:1].upper()}{told[1:]}." if told else ""


def _is_alarm(node: PictureNode) -> bool:
    return bool(node.open) and node.kind is NodeKind.DATABASE


def _of_box(box: PictureBox, picture: Picture) -> str:
    """One stack, and the nodes outside of it that it has to do with."""
    own = {node.id for node in box.nodes}
    lines = [line for line in picture.lines if line.start in own or line.end in own]
    ends = {end for line in lines for end in (line.start, line.end)} - own
    return _chart((box,), [node for node in picture.nodes if node.id in ends], lines)


def _chart(boxes: Iterable[PictureBox], loose: Iterable[PictureNode], lines: Iterable[PictureLine]) -> str:
    parts = ["flowchart LR"]
    for number, box in enumerate(boxes):
        parts.append(f'  subgraph b{number}["{_text(box.name)}"]')
        parts += [f"    {_node(node)}" for node in box.nodes]
        parts.append("  end")
    parts += [f"  {_node(node)}" for node in loose]
    parts += [f"  {_line(line)}" for line in lines]
    return "\n".join([*parts, *_classes(parts)])


def _node(node: PictureNode) -> str:
    begin, end = _SHAPE[node.kind]
    texts = [_text(node.label)]
    if node.open:
        texts.append(_text("open: " + ", ".join(map(str, node.open[:3]))))
    name = "open" if _is_alarm(node) else node.kind.value
    return f"{node.id}{begin}{'<br/>'.join(texts)}{end}" + (f":::{name}" if name in _LOOKS else "")


def _line(line: PictureLine) -> str:
    if line.kind is None:
        return f"{line.start} -.-> {line.end}"
    keys = ", ".join(line.keys[:_KEYS]) + (" …" if len(line.keys) > _KEYS else "")
    label = f'|"{_text(keys)}"|' if keys else ""
    return f"{line.start} -->{label} {line.end}"


def _classes(parts: list[str]) -> Iterator[str]:
    """How the kinds look that are there."""
    text = "\n".join(parts)
    for name, look in _LOOKS.items():
        if f":::{name}" in text:
            yield f"  classDef {name} {look}"


def _text(text: str) -> str:
    """A text between quotes: every character that could mean something is a numbered entity."""
    shown = visible(text)
    short = shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
    return _UNSAFE.sub(lambda found: f"#{ord(found[0])};", short) or " "
