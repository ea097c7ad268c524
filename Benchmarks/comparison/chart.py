"""Draws the ratios as a picture: a bar for each benchmark, a mark at its target."""

from xml.sax.saxutils import escape

LEFT, WIDTH, ROW, TOP = 330, 520, 30, 64
COLOURS = {"bar": "#3b6ea5", "missed": "#9db4cc", "target": "#c0392b", "spread": "#1b2a38",
           "grid": "#dde3e8", "text": "#24292e"}


def svg(environment, rows):
    """The picture as a text."""
    greatest = max([1.0] + [max(row["ratio"].high, row["target"]) for row in rows])
    end = int(greatest) + 1
    height = TOP + ROW * len(rows) + 58

    def x(value):
        return LEFT + WIDTH * value / end

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 80} {height}"'
        ' font-family="Helvetica, Arial, sans-serif" font-size="13">',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        label(20, 26, "Speed of Apus over that of llama.cpp, in the same rounds", size=16),
        label(20, 45, f"{environment['date']}, {environment['notes']['Processor']}", size=12)]
    for tick in range(0, end + 1):
        colour = COLOURS["text"] if tick == 1 else COLOURS["grid"]
        parts.append(line(x(tick), TOP - 6, x(tick), TOP + ROW * len(rows), colour))
        parts.append(label(x(tick), TOP + ROW * len(rows) + 16, f"{tick}×", anchor="middle", size=11))
    for index, row in enumerate(rows):
        parts += bar(row, TOP + ROW * index, x)
    bottom = height - 16
    parts += [line(LEFT, bottom - 9, LEFT, bottom + 3, COLOURS["target"], 3),
              label(LEFT + 8, bottom, "target", size=11),
              line(LEFT + 70, bottom - 4, LEFT + 96, bottom - 4, COLOURS["spread"], 1.5),
              label(LEFT + 102, bottom, "lowest to highest round; the bar is the median", size=11)]
    return "\n".join(parts + ["</svg>", ""])


def bar(row, y, x):
    ratio, middle = row["ratio"], y + ROW / 2 - 2
    colour = COLOURS["bar" if ratio.median >= row["target"] else "missed"]
    return [
        label(LEFT - 10, middle + 4, row["title"], anchor="end"),
        f'<rect x="{x(0):.1f}" y="{y + 4}" width="{x(ratio.median) - x(0):.1f}"'
        f' height="{ROW - 12}" fill="{colour}"/>',
        line(x(ratio.low), middle, x(ratio.high), middle, COLOURS["spread"], 1.5),
        line(x(row["target"]), y + 1, x(row["target"]), y + ROW - 5, COLOURS["target"], 3),
        label(x(max(ratio.high, row["target"])) + 8, middle + 4, f"{ratio.median:.2f}", size=12)]


def line(x1, y1, x2, y2, colour, width=1.0):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"'
            f' stroke-width="{width}"/>')


def label(x, y, text, anchor="start", size=13):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"'
            f' fill="{COLOURS["text"]}">{escape(text)}</text>')
