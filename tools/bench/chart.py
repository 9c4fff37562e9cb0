# SPDX-License-Identifier: GPL-2.0
"""A chart of bars as SVG: a panel for each workload, the cheapest first."""

from xml.sax.saxutils import escape

WIDTH, LEFT, BAR, GAP = 460, 130, 13, 4
OURS, PLAIN, SEALED = "#c0392b", "#9aa5b1", "#34658f"
PANELS = [
    ("trip", 64, 1, "64 B, round trip"),
    ("trip", 1200, 1, "1200 B, round trip"),
    ("way", 64, 1, "64 B, one way"),
    ("way", 1200, 1, "1200 B, one way"),
    ("trip", 65536, 1, "64 KiB, round trip"),
    ("bulk", 16 << 20, 1, "16 MiB"),
    ("fan", 1200, 8, "1200 B to 8"),
    ("fan", 1200, 32, "1200 B to 32"),
]


def color(protocol):
    if protocol.startswith("pop"):
        return OURS
    if protocol.startswith("wg") or protocol.endswith("curve"):
        return SEALED
    return PLAIN


def short(value):
    for unit, digits in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:.3g} {digits}"
    return f"{value:.0f}"


def text(x, y, words, anchor="start", weight="normal"):
    return (f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" '
            f'font-weight="{weight}">{escape(words)}</text>')


def panel(x, y, title, rows):
    """Its lines, and where it ends."""
    lines = [text(x, y, title, weight="bold")]
    most = max(row["instructions"] for row in rows)
    room = WIDTH - LEFT - 70
    y += 8
    for row in sorted(rows, key=lambda row: row["instructions"]):
        length = room * row["instructions"] / most
        lines += [
            text(x + LEFT - 6, y + BAR - 3, row["protocol"], "end"),
            f'<rect x="{x + LEFT}" y="{y}" width="{length:.1f}" '
            f'height="{BAR}" fill="{color(row["protocol"])}"/>',
            text(x + LEFT + length + 4, y + BAR - 3,
                 short(row["instructions"])),
        ]
        y += BAR + GAP
    return lines, y


def draw(head, results):
    lines, y = [], 50
    wanted = [(title, results.select(*what))
              for *what, title in PANELS]
    wanted = [(title, rows) for title, rows in wanted if rows]
    for i in range(0, len(wanted), 2):
        ends = []
        for column, (title, rows) in enumerate(wanted[i:i + 2]):
            more, end = panel(10 + column * WIDTH, y, title, rows)
            lines += more
            ends.append(end)
        y = max(ends) + 24
    caption = (f"Instructions of the guest, all sides; Linux {head['kernel']}, "
               f"-cpu {head['cpu']}, AF_POP of {head['commit']}")
    key = []
    for i, (fill, words) in enumerate(((OURS, "AF_POP, sealed"),
                                       (SEALED, "encrypted"),
                                       (PLAIN, "in clear"))):
        key += [f'<rect x="{10 + 130 * i}" y="{y - 10}" width="12" '
                f'height="12" fill="{fill}"/>', text(28 + 130 * i, y, words)]
    return "\n".join(
        [f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * WIDTH + 20}" '
         f'height="{y + 14}" font-family="sans-serif" font-size="11">',
         '<rect width="100%" height="100%" fill="white"/>',
         text(10, 20, caption, weight="bold")] + lines + key + ["</svg>\n"])
