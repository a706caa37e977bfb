"""What people write becomes HTML that can do nothing, an excerpt, and mentions."""

from html.parser import HTMLParser
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.markdown import EXCERPT, MOST_MENTIONS, written


class Seen(HTMLParser):
    """What a browser would find."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]


def html(body: str) -> str:
    return written(None, body).html


def test_common_marks_are_shown() -> None:
    assert html("**now** and ~~then~~\nnext") == "<p><strong>now</strong> and <s>then</s><br>\nnext</p>\n"
    assert "<table>" in html("| a |\n| - |\n| b |")
    link = html("[here](https://example.org/?a=1&b=2)")
    assert link == (
        '<p><a href="https://example.org/?a=1&amp;b=2" rel="nofollow noopener noreferrer ugc">here</a></p>\n'
    )


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,alert)",
        "<javascript:alert(1)>",
        "[x](https://example.org 'a\" onclick=alert(1)')",
        "![x](https://example.org/pixel.png)",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        '@[a"><script>]',
        '```js" onclick=x\n</code></pre><script>\n```',
    ],
)
def test_nothing_that_acts_or_loads_is_shown(body: str) -> None:
    seen = Seen()
    seen.feed(html(body))
    assert seen.tags <= {"p", "a", "span", "pre", "code"}
    assert seen.attributes <= {"href", "title", "rel", "class", "data-member"}
    assert all(link.startswith("https://") for link in seen.links)


def test_a_mention_names_a_member_by_id_and_is_no_link() -> None:
    found = written(None, "hello @[ada|1] and @[bo], @[ada|1]! [x](y) @[bo](https://evil.example)")
    assert found.named == ("ada|1", "bo")
    assert '<span class="mention" data-member="ada|1">@ada|1</span>' in found.html
    assert 'href="https://evil.example"' not in found.html


def test_what_stands_in_code_mentions_nobody() -> None:
    assert written(None, "`@[ada]`\n\n```\n@[bo]\n```").named == ()


def test_so_many_are_mentioned_and_no_more() -> None:
    names = [f"m{number}" for number in range(MOST_MENTIONS + 5)]
    assert written(None, " ".join(f"@[{name}]" for name in names)).named == tuple(names[:MOST_MENTIONS])


def test_an_excerpt_is_the_beginning_as_plain_text() -> None:
    found = written("Walk", "# On Saturday\n\nwith **@[bo]** and `code` [there](https://example.org)\nat ten")
    assert found.excerpt == "Walk: On Saturday with @[bo] and code there at ten"
    long = written(None, "word " * 100).excerpt
    assert (len(long) <= EXCERPT, long[-1]) == (True, "…")


@pytest.mark.parametrize("before", range(EXCERPT - 8, EXCERPT))
def test_an_excerpt_ends_in_no_part_of_a_mention(before: int) -> None:
    words = "w" * (before - 1)
    found = written(None, f"{words} @[ada] and more words").excerpt
    assert found == f"{words}…" if before > EXCERPT - 7 else found.startswith(f"{words} @[ada]")


@given(st.text(max_size=400))
def test_any_text_has_html_and_an_excerpt(body: str) -> None:
    found = written(None, body)
    assert len(found.excerpt) <= EXCERPT
    assert "<script" not in found.html.lower()


@pytest.mark.parametrize("unit", ["[", "*a", "> ", "@[", "![[", "`a", "<", "](", "~~a", "- ", "|a"])
def test_text_made_to_take_long_does_not(unit: str) -> None:
    started = monotonic()
    written(None, (unit * 10_000)[:10_000])
    assert monotonic() - started < 10


def test_cells_that_rows_leave_out_make_no_megabytes() -> None:
    table = "|" + "a|" * 60 + "\n|" + "-|" * 60 + "\n" + "|\n" * 400 + "\n"
    assert len(written(None, (table * 20)[:10_000]).html) < 200_000


def test_a_short_row_is_filled_up() -> None:
    assert written(None, "|a|b|\n|-|-|\n|c|").html.count("<td>") == 2
