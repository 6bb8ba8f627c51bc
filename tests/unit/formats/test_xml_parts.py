"""XML in parts: what is remembered of parts in which nothing was, and that nothing else is told for that."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from secopskit.detect.judgement.candidate import candidates_of, may_count
from secopskit.detect.judgement.place import Trust
from secopskit.formats.setting import Setting
from secopskit.formats.trees.xml_file import settings
from support.values import alnum

TOKEN = alnum(24)
PIECES = [
    "<a>",
    "</a>",
    "<dependency>",
    "</dependency>",
    "<name>db.password</name>",
    "<value>x</value>",
    f"<value>{TOKEN}</value>",
    f"<password>{TOKEN}</password>",
    "<version>1.2</version>",
    '<add key="password" value="b"/>',
    '<entry key="token">',
    "</entry>",
    f"<string>{TOKEN}</string>",
    "<key>token</key>",
    "text",
    "<!-- ",
    " -->",
    "<b/>",
    f"<![CDATA[{TOKEN}]]>",
    "<secret>",
    "</secret>",
    "<url>https://u:p@h/</url>",
    '<Pass encoding="base64">eA==</Pass>',
    "<x:token>a</x:token>",
]
texts = st.lists(
    st.tuples(st.sampled_from(PIECES), st.sampled_from(["", "\n", "\n  ", "\n\t", " "])), max_size=24
).map(lambda pairs: "".join(piece + gap for piece, gap in pairs).encode())


def may_be_one(setting: Setting) -> bool:
    return any(candidates_of(setting, trust) for trust in (Trust.SETTINGS, Trust.CODE, Trust.TEMPLATE))


@given(st.lists(texts, min_size=1, max_size=3))
@example([b"<a>\n<name>db.password</name>\n<value>abc</value>\n</a>"])
@example(
    [b"<p>\n  <a>\n    <b>x</b>\n  </a>\n  <c>\n    <name>token</name>\n    <value>y</value>\n  </c>\n</p>"]
)
def test_all_that_may_count_is_told_of_every_version(versions: list[bytes]) -> None:
    barren = set[bytes]()
    for data in [*versions, *versions]:
        told = list(filter(may_be_one, settings(data, may_count, barren)))
        assert told == list(filter(may_be_one, settings(data)))


def test_what_is_barren_is_not_read_again() -> None:
    asked, barren = list[str](), set[bytes]()

    def wanted(key: str, value: bytes) -> bool:
        asked.append(key)
        return may_count(key, value)

    entry = "  <dependency>\n    <groupId>g{0}</groupId>\n    <version>{1}</version>\n  </dependency>\n"
    entries = [entry.format(number, 1) for number in range(50)]
    text = "<project>\n{}</project>\n"
    assert list(settings(text.format("".join(entries)).encode(), wanted, barren)) == []
    assert len(asked) == 100
    asked.clear()
    entries[20] = entry.format(20, 2).replace("</version>", f"</version><token>{TOKEN}</token>")
    for _ in range(2):
        (one,) = settings(text.format("".join(entries)).encode(), wanted, barren)
        assert (one.key, one.value) == ("token", TOKEN.encode())
        assert set(asked) == {"groupId", "version", "token"}
        assert len(asked) == 4
        asked.clear()
