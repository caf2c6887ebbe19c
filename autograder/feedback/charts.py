"""Charts as inline SVG: no global state, the same bytes for the same data, colours that follow the page.

Matplotlib draws with colours that stand for a role; the SVG then names CSS variables, so that one picture works on a
light page, on a dark one, and on paper. All text in a chart is ours: a student's goes into HTML only.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from hashlib import sha256
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from autograder.feedback.history import Curve
from autograder.feedback.text import number, percent, upper
from handin.words import _, ngettext

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Colours of Okabe and Ito, which colour-blind people tell apart; lines differ in style and markers as well.
_INK, _MUTED, _GRID, _ONE, _TWO, _SOFT = "#010101", "#020202", "#030303", "#040404", "#050505", "#060606"
_ROLES = {
    _INK: "var(--chart-ink, #1f2733)",
    _MUTED: "var(--chart-muted, #5b6573)",
    _GRID: "var(--chart-grid, #e2e5ea)",
    _ONE: "var(--chart-one, #0072b2)",
    _TWO: "var(--chart-two, #c04f00)",
    _SOFT: "var(--chart-soft, #cfe3f1)",
}
_RC: Any = {
    "svg.fonttype": "path",
    "svg.hashsalt": "autograder",
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "text.usetex": False,
    "text.parse_math": False,
    "axes.unicode_minus": False,
    "path.simplify": True,
    "path.simplify_threshold": 0.5,
}


def learning(curves: Sequence[Curve]) -> Markup:
    """Training and validation values of one metric, by epoch."""
    metric = curves[0].metric
    described = "; ".join(f"{c.label} {_journey(c, metric)}" for c in curves)

    def draw(axes: Axes) -> None:
        from matplotlib.ticker import MaxNLocator

        for curve in curves:
            values = [float("nan") if v is None else v for v in curve.values]
            few = len(curve.epochs) <= 30
            axes.plot(
                curve.epochs,
                values,
                color=_TWO if curve.validation else _ONE,
                linestyle="--" if curve.validation else "-",
                marker=("s" if curve.validation else "o") if few else None,
                markersize=3.5,
                linewidth=1.6,
                label=curve.label,
            )
        last = max(curve.epochs[-1] for curve in curves)
        axes.set_xlim(min(0.8, 1 - 0.03 * last), last + max(0.2, 0.03 * last))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6, min_n_ticks=1))
        axes.set_xlabel(_("epoch"))
        _headroom(axes, curves, metric)
        axes.legend(frameon=False, labelcolor=_INK, loc="best", handlelength=2.4)

    measure = curves[0].measure
    title = _("Learning curve: {measure}").format(measure=measure)
    described = _("The {measure} by epoch, as reported: {curves}.").format(measure=measure, curves=described)
    return _svg(draw, (4.3, 2.5), title, described)


def _headroom(axes: Axes, curves: Sequence[Curve], metric: str) -> None:
    values = [v for c in curves for v in c.values if v is not None]
    low, high = min(values), max(values)
    if metric == "accuracy" and low >= 0 and high <= 1:
        axes.yaxis.set_major_formatter(_as_percent)
        room = max(0.02, (high - low) * 0.12)
        axes.set_ylim(max(0.0, low - room), min(1.005, high + room))
    else:
        room = max((high - low) * 0.1, abs(high) * 0.05, 1e-6)
        axes.set_ylim(0 if low >= 0 else low - room, high + room)
    axes.set_ylabel(curves[0].measure)


def _journey(curve: Curve, metric: str) -> str:
    values = [v for v in curve.values if v is not None]
    say: Callable[[float], str] = percent if metric == "accuracy" and 0 <= min(values) <= max(values) <= 1 else _plain
    told = ngettext("from {first} to {last} in {n} epoch", "from {first} to {last} in {n} epochs", curve.epochs[-1])
    return told.format(first=say(values[0]), last=say(values[-1]), n=curve.epochs[-1])


def _as_percent(value: float, place: float) -> str:
    return f"{round(value * 100, 6):g} %"


def _plain(value: float) -> str:
    return number(value) if abs(value) >= 0.1 else f"{value:.4g}"


def credit(
    measure: str,
    value: float,
    low: float,
    high: float,
    steps: Sequence[tuple[float, float]],
    ramp: bool = False,
) -> Markup:
    """Share of the points against what is measured, and where this model stands: the interval's upper end counts."""
    steps = sorted(steps)
    share = _share(steps, high, ramp)
    if ramp:
        xs, ys = [0.0, *(t for t, _ in steps), 1.0], [steps[0][1], *(s for _, s in steps), steps[-1][1]]
    else:
        xs, ys = [0.0], [0.0]
        for threshold, worth in steps:
            xs += [threshold, threshold]
            ys += [ys[-1], worth]
        xs, ys = [*xs, 1.0], [*ys, ys[-1]]
    left = min(low, steps[0][0])
    left = max(0.0, left - max(0.004, (1 - left) * 0.12))

    def draw(axes: Axes) -> None:
        from matplotlib.ticker import MaxNLocator

        axes.fill_between(xs, ys, color=_SOFT, linewidth=0)
        axes.plot(xs, ys, color=_MUTED, linewidth=1.4)
        axes.plot([high] * 2, [0, share], color=_TWO, linewidth=1.3, linestyle=(0, (2, 1.5)))
        axes.plot([high], [0], marker="^", color=_TWO, markersize=7, linestyle="none", clip_on=False, zorder=5)
        axes.plot([low, high], [share, share], color=_ONE, linewidth=1.6)
        for end in (low, high):
            axes.plot([end, end], [share - 0.045, share + 0.045], color=_ONE, linewidth=1.6)
        axes.plot([value], [share], marker="o", color=_ONE, markersize=4.5, linestyle="none")
        axes.set_xlim(left, 1.0 + (1 - left) * 0.02)
        axes.set_ylim(0, 1.12)
        axes.xaxis.set_major_formatter(_as_percent)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_formatter(_as_percent)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1.0])
        axes.tick_params(axis="x", pad=8)  # room for the triangle
        axes.set_xlabel(_("{measure} on hidden images").format(measure=measure))
        axes.set_ylabel(_("share of the points"))

    step = _("{share} of the points at {place}")
    credited = _("Credit rises through {steps}.") if ramp else _("Credit steps up to {steps}.")
    described = [
        _("{Measure} {value}, interval from {low} to {high}.").format(
            Measure=upper(measure), value=percent(value), low=percent(low), high=percent(high)
        ),
        credited.format(steps=", ".join(step.format(share=percent(s), place=percent(t)) for t, s in steps)),
        _("The upper end counts: {share} of the points.").format(share=percent(share)),
    ]
    return _svg(draw, (4.3, 2.5), _("{Measure} and credit").format(Measure=upper(measure)), " ".join(described))


def _share(steps: Sequence[tuple[float, float]], at: float, ramp: bool) -> float:
    if not ramp:
        return max([worth for threshold, worth in steps if at >= threshold], default=0.0)
    for (t0, s0), (t1, s1) in pairwise(steps):
        if t0 <= at < t1:
            return s0 + (s1 - s0) * (at - t0) / (t1 - t0)
    return steps[-1][1] if at >= steps[-1][0] else steps[0][1]


def distribution(fractions: Sequence[float]) -> Markup:
    """How many submissions reached which part of all points, in tenths."""
    counts = [0] * 10
    for value in fractions:
        counts[min(9, max(0, int(value * 10 + 1e-9)))] += 1

    def draw(axes: Axes) -> None:
        from matplotlib.ticker import MaxNLocator

        axes.bar([i + 0.5 for i in range(10)], counts, width=0.86, color=_ONE, linewidth=0)
        for i, count in enumerate(counts):
            if count:
                axes.text(i + 0.5, count, str(count), ha="center", va="bottom", color=_INK)
        axes.set_xlim(0, 10)
        axes.set_xticks(range(0, 11, 2), [f"{i * 10} %" for i in range(0, 11, 2)])
        axes.set_ylim(0, max(1, *counts) * 1.18)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=4))
        axes.set_xlabel("share of all points")
        axes.set_ylabel("submissions")

    filled = [f"{counts[i]} from {i * 10} to {i * 10 + 10} %" for i in range(10) if counts[i]]
    return _svg(draw, (5.2, 2.3), "Distribution of scores", f"Submissions: {', '.join(filled) or 'none'}.")


def items(points: Sequence[tuple[int, float, float]]) -> Markup:
    """Exercises by (number in the table, mean share of the points, discrimination)."""

    def draw(axes: Axes) -> None:
        axes.axhspan(-1.0, 0.2, color=_SOFT, linewidth=0, alpha=0.5)
        lowest = min(0.0, *(d for _, _, d in points))
        for name, mean, discrimination in points:
            axes.plot([mean], [discrimination], marker="o", color=_ONE, markersize=5, linestyle="none")
            axes.annotate(
                str(name), (mean, discrimination), textcoords="offset points", xytext=(5, 3), color=_INK, fontsize=8.5
            )
        axes.set_xlim(-0.03, 1.06)
        axes.set_ylim(lowest - 0.1, 1.08)
        axes.xaxis.set_major_formatter(_as_percent)
        axes.set_xlabel("mean share of the points (easy to the right)")
        axes.set_ylabel("discrimination")

    said = "; ".join(f"exercise {name}: {percent(mean)}, {worth:.2f}" for name, mean, worth in points)
    return _svg(draw, (5.2, 2.6), "Difficulty and discrimination", f"Mean share and discrimination of {said}.")


def _svg(draw: Callable[[Axes], None], inches: tuple[float, float], title: str, description: str) -> Markup:
    # Imported here: matplotlib takes half a second, and most pages have no chart.
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_RC):
        figure = Figure(figsize=inches, layout="constrained", facecolor="none")
        axes = figure.add_subplot(facecolor="none")
        _calm(axes)
        draw(axes)
        out = io.StringIO()
        canvas: Any = FigureCanvasSVG(figure)
        canvas.print_svg(out, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    return Markup(_inline(out.getvalue(), inches, title, description))


def _calm(axes: Any) -> None:
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_MUTED)
    axes.spines["bottom"].set_linewidth(0.8)
    axes.grid(axis="y", color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=_MUTED, length=0, pad=5)
    axes.xaxis.label.set_color(_MUTED)
    axes.yaxis.label.set_color(_MUTED)


def _inline(svg: str, inches: tuple[float, float], title: str, description: str) -> str:
    """Cut one file down to an element: no prolog, style sheet, comment or foreign address; ids that are its own."""
    body = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    body = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>|<style.*?</style>", "", body, flags=re.S)
    own = "c" + sha256(f"{title}{description}{body}".encode()).hexdigest()[:8]
    body = re.sub(r'\bid="', f'id="{own}-', body)
    body = re.sub(r'\s(?:xlink:)?href="#', f' href="#{own}-', body)
    body = body.replace("url(#", f"url(#{own}-")
    for colour, role in _ROLES.items():
        body = body.replace(colour, role)
    body = re.sub(r"\s*\n\s*", " ", body)
    width, height = (round(side * 72, 1) for side in inches)
    return (
        f'<svg class="chart" role="img" aria-labelledby="{own}-title {own}-desc" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width * 4 / 3:.0f}" height="{height * 4 / 3:.0f}" '
        f'style="max-width:100%;height:auto;stroke-linejoin:round;stroke-linecap:butt">'
        f'<title id="{own}-title">{escape(title)}</title><desc id="{own}-desc">{escape(description)}</desc>{body}</svg>'
    )
