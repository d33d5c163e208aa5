"""The graph of a chain of trust in the language of graphviz: `dot -Tpng chain.dot`."""

import json

from lab.core.status import SecurityStatus
from lab.present.graph import Bond, Graph, Node, Row

COLOURS = {
    SecurityStatus.SECURE: "#1a6b3c",
    SecurityStatus.INSECURE: "#7a5c00",
    SecurityStatus.INDETERMINATE: "#555555",
    SecurityStatus.BOGUS: "#b00020",
}
_STYLES = {
    Bond.SECURE: 'color="#1a6b3c"',
    Bond.INSECURE: 'color="#7a5c00", style=dashed',
    Bond.BROKEN: 'color="#b00020", style=bold, label="x", fontcolor="#b00020"',
    Bond.ALIAS: 'color="#333333", style=dotted, constraint=false',
}


def render(graph: Graph) -> str:
    """Return *graph* as the text of a `digraph`."""
    lines = ["digraph chain {", f"  label={_quoted(graph.title)}; labelloc=t;"]
    lines.append('  node [fontname="sans-serif", fontsize=11]; edge [fontname="sans-serif"];')
    for number, zone in enumerate(graph.zones):
        colour = COLOURS[zone.status]
        lines.append(f"  subgraph cluster_{number} {{")
        lines.append(f"    label={_quoted(f'{zone.apex} ({zone.status.value})')};")
        dashes = "dashed" if zone.status is SecurityStatus.INSECURE else "solid"
        lines.append(f'    color="{colour}"; style={dashes};')
        lines += [f"    {_node(one)}" for one in zone.nodes]
        if not zone.nodes:
            lines.append(f'    empty_{number} [label="no keys", shape=plaintext];')
        lines.append("  }")
    for arrow in graph.arrows:
        tip = _quoted(arrow.hint)
        lines.append(f"  {arrow.source} -> {arrow.target} [{_STYLES[arrow.bond]}, tooltip={tip}];")
    return "\n".join([*lines, "}", ""])


def _node(node: Node) -> str:
    shape = "box" if node.row is Row.DATA else "ellipse"
    rings = ", peripheries=2" if node.anchor else ""
    label = _quoted("\n".join(node.lines))
    colour = COLOURS[node.status]
    return f'{node.id} [label={label}, shape={shape}, color="{colour}"{rings}];'


def _quoted(text: str) -> str:
    """Return *text* as a quoted string; JSON's escapes for quote, backslash and line are those."""
    return json.dumps(text, ensure_ascii=False)
