"""The AsyncAPI document as a page to read: plain HTML, no scripts."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1c2430;background:#fff}
h2{margin-top:2.5rem;border-bottom:1px solid #d5dbe3}code,pre{font:13px/1.45 ui-monospace,monospace}
pre{background:#f4f6f9;padding:.8rem;overflow:auto;border-radius:6px}table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.25rem .6rem;border-bottom:1px solid #e3e8ee;vertical-align:top}
summary{cursor:pointer}.tag{font-size:.8rem;padding:.1rem .5rem;border-radius:1rem;background:#e3ecfa}
@media (prefers-color-scheme:dark){body{color:#e4e8ee;background:#161b22}pre{background:#0f1319}.tag{background:#2a3b57}
h2,td,th{border-color:#30363d}a{color:#7fb2ff}}
"""


def page(document: Mapping[str, Any]) -> str:
    """The whole page."""
    info = document["info"]
    actions: dict[str, list[str]] = {}
    for operation in document["operations"].values():
        actions.setdefault(operation["channel"]["$ref"].removeprefix("#/channels/"), []).append(operation["action"])
    channels = "".join(
        _channel(name, channel, actions.get(name, []), document["components"]["messages"])
        for name, channel in document["channels"].items()
    )
    links = "".join(f'<li><a href="#{escape(name)}">{escape(name)}</a></li>' for name in document["channels"])
    schemas = "".join(
        f'<details id="schema-{escape(name)}"><summary><code>{escape(name)}</code></summary>{_json(schema)}</details>'
        for name, schema in document["components"]["schemas"].items()
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
        f"<title>{escape(info['title'])}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(info['title'])} <small>{escape(info['version'])}</small></h1><p>{_text(info['description'])}</p>"
        f'<p>The same for programs: <a href="asyncapi.json">AsyncAPI {escape(document["asyncapi"])}</a>.</p>'
        f"<ul>{links}</ul>{channels}<h2>Schemas</h2>{schemas}</body></html>"
    )


def _channel(name: str, channel: Mapping[str, Any], actions: list[str], messages: Mapping[str, Any]) -> str:
    kafka = channel["bindings"]["kafka"]
    rows = {"address": channel["address"], "partitions": kafka["partitions"], **kafka["topicConfiguration"]}
    tags = " ".join(f'<span class="tag">{escape(action)}</span>' for action in actions)
    return (
        f'<h2 id="{escape(name)}"><code>{escape(name)}</code> {tags}</h2>'
        f"<p>{_text(channel['summary'])} {_text(channel['description'])}</p>{_table(rows)}"
        + "".join(_message(messages[kind]) for kind in channel["messages"])
    )


def _message(message: Mapping[str, Any]) -> str:
    schema = message["payload"].get("$ref", "").rpartition("/")[2]
    value = f'<a href="#schema-{escape(schema)}"><code>{escape(schema)}</code></a>' if schema else "<code>null</code>"
    headers = {name: header["description"] for name, header in message["headers"]["properties"].items()}
    examples = "".join(map(_example, message.get("examples", ())))
    return (
        f"<h3><code>{escape(message['name'])}</code></h3><p>{_text(message['description'])}</p>"
        f"<p>Value: {value}</p>{examples}"
        f"<details><summary>Headers</summary>{_table(headers)}</details>"
    )


def _example(example: Mapping[str, Any]) -> str:
    return (
        f"<p>Example. {_text(example['summary'])}</p>{_json(example.get('payload'))}"
        f"<details><summary>Its headers</summary>{_json(example['headers'])}</details>"
    )


def _table(rows: Mapping[str, Any]) -> str:
    cells = "".join(
        f"<tr><th><code>{escape(name)}</code></th><td>{_text(_joined(value))}</td></tr>" for name, value in rows.items()
    )
    return f"<table>{cells}</table>"


def _joined(value: Any) -> Any:
    return ", ".join(value) if isinstance(value, list) else value


def _text(value: Any) -> str:
    """Escaped; what stands between backticks is code."""
    parts = escape(str(value)).split("`")
    return "".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts))


def _json(value: Any) -> str:
    return f"<pre>{escape(json.dumps(value, indent=2, ensure_ascii=False))}</pre>"
