"""The picture as SVG: a file of its own, or a part of a page. Nothing is loaded, every text is escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import Final

from secopskit.audit.picture.layout import (
    NODE_HEIGHT,
    NODE_WIDTH,
    PlacedBox,
    PlacedLine,
    PlacedNode,
    PlacedPicture,
    placed,
)
from secopskit.audit.picture.model import NodeKind, Picture, PictureNode
from secopskit.report.text import count, visible

STYLE: Final = """\
.pic{--pic-ink:#1a2129;--pic-soft:#5b6673;--pic-line:#8b96a3;--pic-box:#f3f5f7;--pic-edge:#cfd6dd;
--pic-node:#fff;--pic-data:#0b5cad;--pic-data-fill:#e8f1fb;--pic-alarm:#b3123a;--pic-page:#fff;
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
@media (prefers-color-scheme:dark){.pic{--pic-ink:#e6eaee;--pic-soft:#9aa5b1;--pic-line:#77828e;
--pic-box:#171c22;--pic-edge:#333c46;--pic-node:#20272f;--pic-data:#7db8ff;--pic-data-fill:#16283c;
--pic-alarm:#ff6b8b;--pic-page:#0f1317}}
@media print{.pic{--pic-ink:#000;--pic-soft:#444;--pic-line:#666;--pic-box:#fff;--pic-edge:#999;
--pic-node:#fff;--pic-data:#0b5cad;--pic-data-fill:#fff;--pic-alarm:#b3123a;--pic-page:#fff}}
.pic text{fill:var(--pic-ink);font-size:13px}.pic .under{fill:var(--pic-soft);font-size:11px}
.pic .page{fill:var(--pic-page)}
.pic .box{fill:var(--pic-box);stroke:var(--pic-edge)}.pic .title{font-weight:600}
.pic .node{fill:var(--pic-node);stroke:var(--pic-line);stroke-width:1.2}
.pic .database .node{fill:var(--pic-data-fill);stroke:var(--pic-data)}
.pic .outside .node,.pic .file .node{stroke-dasharray:5 3}
.pic .alarm .node{stroke:var(--pic-alarm);stroke-width:2}.pic .port{fill:var(--pic-alarm);font-size:11px}
.pic .link{fill:none;stroke:var(--pic-line);stroke-width:1.3}.pic .link.data{stroke:var(--pic-data)}
.pic .link.order{stroke-dasharray:2 4;opacity:.7}.pic .tip{fill:var(--pic-line)}
.pic .tip.data{fill:var(--pic-data)}.pic .key{font-size:10px;fill:var(--pic-soft);
paint-order:stroke;stroke:var(--pic-box);stroke-width:3px}
"""
_MARGIN: Final = 16
_WIDE: Final = 1500
"""A wider picture is scrolled in a page: made smaller, it could not be read."""
_NAME_MOST: Final = 21
_UNDER_MOST: Final = 25
_TITLE_MOST: Final = 80
_KEY_MOST: Final = 18
_KEY_WIDTH: Final = 100
_KEY_HEIGHT: Final = 15
_KEYED_LINES: Final = 30
"""Up to this many lines have their settings' names written at them; more would hide each other."""
_NOTHING: Final = "No stack, and no address of a database, was found."


def svg_file(picture: Picture) -> str:
    """The picture as a file of its own."""
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + svg_element(picture, style=True) + "\n"


def svg_element(picture: Picture, *, style: bool = False) -> str:
    """The element `svg`; with `style` it brings its own, else the page has `STYLE`."""
    places = placed(picture)
    legend = _legend(picture)
    width = max(places.width, 420) + 2 * _MARGIN
    height = places.height + 2 * _MARGIN + 22 * len(legend)
    look = "pic wide" if width > _WIDE else "pic"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{look}" viewBox="0 0 {width} {height}"',
        f'width="{width}" height="{height}" role="img" aria-labelledby="pic-title pic-text">',
        '<title id="pic-title">Services, databases, and who talks to whom</title>',
        f'<desc id="pic-text">{_safe(_said(picture))}</desc>',
        f"<style>{STYLE}</style>" if style else "",
        f'<rect class="page" width="{width}" height="{height}"/>',
        f'<g transform="translate({_MARGIN} {_MARGIN})">',
        *map(_box, places.boxes),
        *_lines(places),
        *map(_node, places.nodes),
        *(_foot(text, places.height + 26 + 22 * number) for number, text in enumerate(legend)),
        "</g></svg>",
    ]
    return "\n".join(part for part in parts if part)


def _legend(picture: Picture) -> list[str]:
    """What the marks mean, as far as they are there, and what is not drawn."""
    if not picture.nodes:
        return [_NOTHING]
    marks = ["blue: keeps data"]
    if any(line.kind is None for line in picture.lines):
        marks.append("dotted line: is started after")
    if any(node.kind is NodeKind.OUTSIDE for node in picture.nodes):
        marks.append("dashed: no file here defines it")
    if any(node.open for node in picture.nodes):
        marks.append("red: ports open at the host")
    return ["; ".join(marks), *picture.left_out]


def _said(picture: Picture) -> str:
    """The picture in words, for who does not see it."""
    names = {node.id: node.label for node in picture.nodes}
    told = [f"{box.name}: {', '.join(node.label for node in box.nodes)}" for box in picture.boxes]
    told += [
        f"{names[line.start]} points at {names[line.end]}" for line in picture.lines if line.kind is not None
    ]
    head = f"{count(len(picture.boxes), 'stack')}, {count(len(picture.nodes), 'node')}"
    return ". ".join([head, *told]) + "."


def _box(box: PlacedBox) -> str:
    name = _short(box.name, _TITLE_MOST) + (" (development)" if box.development else "")
    return (
        f'<rect class="box" x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="12"/>'
        f'<text class="title" x="{box.x + 20}" y="{box.y + 26}">{name}</text>'
    )


def _node(place: PlacedNode) -> str:
    node, x, y = place
    alarm = " alarm" if node.open and node.kind is NodeKind.DATABASE else ""
    hint = ", ".join(node.names) + (f" ({node.under})" if node.under else "")
    base = y + (4 if node.kind is NodeKind.DATABASE else 0)  # below the lid
    number = node.label.removeprefix(node.names[0])
    label = _short(node.names[0], _NAME_MOST - len(number)) + number
    parts = [
        f'<g class="{node.kind.value}{alarm}"><title>{_safe(hint)}</title>',
        _shape(node.kind, x, y),
        f'<text x="{x + 12}" y="{base + (20 if node.under else 28)}">{label}</text>',
    ]
    if node.under:
        under = _short(_fitting(node.under), _UNDER_MOST)
        parts.append(f'<text class="under" x="{x + 12}" y="{base + 36}">{under}</text>')
    if node.open:
        parts.append(_ports(node, x, y))
    return "".join(parts) + "</g>"


def _fitting(under: str) -> str:
    """The end of a long name: that of an image tells more than its registry."""
    return under if len(under) <= _UNDER_MOST else under.rpartition("/")[2]


def _shape(kind: NodeKind, x: int, y: int) -> str:
    box = f'x="{x}" y="{y}" width="{NODE_WIDTH}" height="{NODE_HEIGHT}"'
    if kind is not NodeKind.DATABASE:
        return f'<rect class="node" {box} rx="{23 if kind is NodeKind.JOB else 7}"/>'
    lid = f"M{x} {y + 6}a{NODE_WIDTH // 2} 6 0 0 1 {NODE_WIDTH} 0"
    return (
        f'<path class="node" d="{lid}v{NODE_HEIGHT - 12}a{NODE_WIDTH // 2} 6 0 0 1 -{NODE_WIDTH} 0z"/>'
        f'<path class="node" fill-opacity="0" d="M{x} {y + 6}a{NODE_WIDTH // 2} 6 0 0 0 {NODE_WIDTH} 0"/>'
    )


def _ports(node: PictureNode, x: int, y: int) -> str:
    shown = ", ".join(map(str, node.open[:2])) + (" …" if len(node.open) > 2 else "")
    return f'<text class="port" x="{x + NODE_WIDTH - 8}" y="{y - 3}" text-anchor="end">{shown}</text>'


# --- lines ------------------------------------------------------------------------------------


def _lines(places: PlacedPicture) -> Iterator[str]:
    keyed = len([one for one in places.lines if one.line.kind is not None]) <= _KEYED_LINES
    for one in places.lines:
        yield _link(one)
    if keyed:
        yield from _keys(places.lines)


def _link(one: PlacedLine) -> str:
    target, look = one.points[-1], _look(one)
    came = one.points[-2]
    side = -1 if came[0] < target[0] else 1
    tip = f"M{target[0]} {target[1]}l{side * 8} -4v8z"
    hint = f"<title>{_safe(', '.join(one.line.keys))}</title>" if one.line.keys else ""
    link = f'<path class="link {look}" d="{_curve(one.points)}"/>'
    return f'<g>{hint}{link}<path class="tip {look}" d="{tip}"/></g>'


def _look(one: PlacedLine) -> str:
    if one.line.kind is None:
        return "order"
    return "" if one.line.kind.value in ("HTTP", "SMTP", "other") else "data"


def _curve(points: Sequence[tuple[int, int]]) -> str:
    """A smooth line, level where it leaves and where it arrives."""
    path = f"M{points[0][0]} {points[0][1]}"
    for (x1, y1), (x2, y2) in pairwise(points):
        if x1 == x2:
            path += f"C{x1 + 46} {y1} {x2 + 46} {y2} {x2} {y2}"
        else:
            middle = (x1 + x2) // 2
            path += f"C{middle} {y1} {middle} {y2} {x2} {y2}"
    return path


def _keys(lines: Sequence[PlacedLine]) -> Iterator[str]:
    """The settings' names near where their lines begin; one that would stand upon another is left out."""
    taken: list[tuple[int, int]] = []
    for one in lines:
        if not (keys := one.line.keys):
            continue
        x, y = _beside(one.points)
        if all(abs(x - other) > _KEY_WIDTH or abs(y - height) > _KEY_HEIGHT for other, height in taken):
            taken.append((x, y))
            text = _short(keys[0] + (f" +{len(keys) - 1}" if len(keys) > 1 else ""), _KEY_MOST)
            yield f'<text class="key" x="{x}" y="{y}" text-anchor="middle">{text}</text>'


def _beside(points: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The middle of a name at a line's first piece; above its beginning where it passes above all boxes."""
    (x1, y1), (x2, y2) = points[0], points[1]
    if len(points) > 2 and abs(x2 - x1) < _KEY_WIDTH:
        return points[1][0] + _KEY_WIDTH, points[1][1] - 4
    return (x1 + x2) // 2 + (40 if x1 == x2 else 0), (y1 + y2) // 2 - 5


def _foot(text: str, y: int) -> str:
    return f'<text class="under" x="0" y="{y}">{_safe(text)}</text>'


def _short(text: str, most: int) -> str:
    shown = visible(text)
    return escape(shown if len(shown) <= most else shown[: most - 1] + "…")


def _safe(text: str) -> str:
    return escape(visible(text))
