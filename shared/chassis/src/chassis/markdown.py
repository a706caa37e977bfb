"""What people write: CommonMark with tables and strikethrough, without HTML and pictures, and with mentions.

`@[<member id>]` mentions somebody. It stays right when they change their name, and whoever shows the text puts the
name in: `<span class="mention" data-member="<member id>">`. Pictures are left out because showing them would tell
other hosts who reads.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

EXCERPT: Final = 200
MOST_MENTIONS: Final = 20
"""Of one text; whoever is named after them is not mentioned."""
MOST_FILLED: Final = 200
"""Cells that a table may leave out; one that lacks more ends there, and what follows is text."""

MENTION: Final = re.compile(r"@\[([!-+\--.0-Z^-~\\]{1,255})\]")
"""Whom it names is its group."""
_CUT: Final = re.compile(r"@(\[[!-+\--.0-Z^-~\\]*)?$")
_BLOCKS: Final = ("blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul")
_TABLES: Final = ("table", "tbody", "td", "th", "thead", "tr")
_WORDS: Final = ("a", "br", "code", "em", "s", "span", "strong")
_ATTRIBUTES: Final = {
    "a": {"href", "title"},
    "code": {"class"},
    "ol": {"start"},
    "span": {"data-member"},
}
_CLASSES: Final = {"span": {"mention"}}
_SCHEMES: Final = {"http", "https", "mailto"}


@dataclass(frozen=True, slots=True)
class Written:
    """What is kept of a text beside its Markdown.

    html: the same, safe to show; excerpt: its beginning as plain text, in which a mention stays as it was written;
    named: whom it mentions, each once, in order.
    """

    html: str
    excerpt: str
    named: tuple[str, ...]


def written(title: str | None, body: str) -> Written:
    """Read it, beside the event loop: long texts take their time. title: the excerpt begins with it."""
    tokens = _READER.parse(body)
    html = nh3.clean(
        _READER.renderer.render(tokens, _READER.options, {}),
        tags={*_BLOCKS, *_TABLES, *_WORDS},
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        url_schemes=_SCHEMES,
        link_rel="nofollow noopener noreferrer ugc",
    )
    named = tuple(dict.fromkeys(token.content for token in _within(tokens) if token.type == "mention"))
    return Written(html, _excerpt(title, tokens), named[:MOST_MENTIONS])


def _mention(state: StateInline, silent: bool) -> bool:
    found = MENTION.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("mention", "span", 0).content = found[1]
    state.pos = found.end()
    return True


def _show_mention(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    name = _escaped(tokens[index].content)
    return f'<span class="mention" data-member="{name}">@{name}</span>'


def _escaped(text: str) -> str:
    escaped: str = nh3.clean_text(text)
    return escaped


def _within(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _within(token.children or ())


def _excerpt(title: str | None, tokens: Sequence[Token]) -> str:
    parts = [] if title is None else [f"{title}: "]
    for token in _within(tokens):
        match token.type:
            case "text" | "code_inline" | "fence" | "code_block":
                parts.append(token.content)
            case "mention":
                parts.append(f"@[{token.content}]")
            case "softbreak" | "hardbreak" | "paragraph_close" | "heading_close" | "td_close" | "th_close":
                parts.append(" ")
    text = " ".join("".join(parts).split())
    return text if len(text) <= EXCERPT else _CUT.sub("", text[: EXCERPT - 1]).rstrip() + "…"


def _reader() -> MarkdownIt:
    # short rows are filled up with cells: by the library's own bound, some lines become megabytes
    vars(import_module("markdown_it.rules_block.table"))["MAX_AUTOCOMPLETED_CELLS"] = MOST_FILLED
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    reader.disable(["image", "html_inline", "html_block"])
    reader.inline.ruler.before("link", "mention", _mention)
    reader.add_render_rule("mention", _show_mention)
    return reader


_READER: Final = _reader()
