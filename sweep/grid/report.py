"""The report of a grid, as text and as HTML: what a person reads before a launch. Pure; the front prints it."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sweep.base.canonical import qualified_name
from sweep.base.jsonable import to_jsonable
from sweep.base.text import REPORT_WIDTH, colorize, plural, printable, rule
from sweep.grid.definition import Definition, is_seed
from sweep.grid.naming import shown_shorthands
from sweep.grid.parameter import SEED, Parameter
from sweep.grid.survey import Survey

_LABEL_WIDTH = 40
_ALTERNATIVES_SHOWN = 20
_INDENT = " "

Paint = Callable[[str, str], str]


def report(definition: Definition, found: Survey, notes: Sequence[str] = (), colour: bool = False) -> str:
    """Return the report of a grid.

    The frame, the parameters with their shorthands and alternatives and the two counts are those of Spinning Up's
    `ExperimentGrid.print`; below them stand rules, the product, the names, and what the caller adds.

    Args:
        found: the grid's survey.
        notes: lines of the caller's: the plan, warnings.
    """
    paint: Paint = (lambda text, name: colorize(text, name, bold=True)) if colour else (lambda text, name: text)
    lines = [rule(), paint(_headline(definition.name), "green")]
    lines += _parameter_lines(definition, paint)
    lines += _rule_lines(definition)
    lines += [
        _count("Variants, counting seeds:", found.runs),
        _count("Settings, not counting seeds:", found.settings),
        "",
    ]
    lines += [_INDENT + product_line(definition, found), *_name_lines(found)]
    lines += [_INDENT + note for note in notes]
    return "\n".join([*lines, rule()])


def _headline(name: str) -> str:
    head, tail = f"Grid [{name}]", "sweeps these parameters:"
    line = f"{head} {tail}"
    return line + "\n" if len(line) <= REPORT_WIDTH else f"{head}\n{tail}\n"


def _parameter_lines(definition: Definition, paint: Paint) -> Iterator[str]:
    parameters = _distinct_parameters(definition)
    shorthands = shown_shorthands(definition, [parameter.key for parameter in parameters])
    for parameter in parameters:
        shorthand = shorthands[parameter.key]
        key = paint(printable(parameter.key).ljust(_LABEL_WIDTH), "cyan")
        yield f"{_INDENT}{key} {'' if shorthand is None else f'[{shorthand}]'}".rstrip() + "\n"
        yield from ("\t" + text for text in _alternatives(parameter))
        yield ""


def _distinct_parameters(definition: Definition) -> list[Parameter]:
    """Return the parameters of the grid and its parts, each key once; rules are shown below them."""
    found: dict[str, Parameter] = {}
    for part in (definition, *definition.parts):
        for parameter in part.block.parameters:
            found.setdefault(parameter.key, parameter)
    return list(found.values())


def _alternatives(parameter: Parameter) -> list[str]:
    if parameter.distribution is not None and parameter.drawn_later:
        return [_distribution(parameter)]
    shown = [printable(str(to_jsonable(value))) for value in parameter.values[:_ALTERNATIVES_SHOWN]]
    rest = len(parameter.values) - len(shown)
    return [*shown, *([f"... and {rest:,} more"] if rest else [])]


def _distribution(parameter: Parameter) -> str:
    assert parameter.distribution is not None
    arguments = ", ".join(str(to_jsonable(argument)) for argument in parameter.distribution.arguments)
    return f"{parameter.distribution.kind}({arguments})"


def _count(label: str, number: int) -> str:
    return f" {label}".ljust(_LABEL_WIDTH) + f" {number}"


def _rule_lines(definition: Definition) -> Iterator[str]:
    lines = [line for part in (definition, *definition.parts) for line in _rules(part)]
    if lines:
        yield from (_INDENT + line for line in lines)
        yield ""


def _rules(definition: Definition) -> Iterator[str]:
    """Return what `zip`, `when`, `derive`, ... said, one line each."""
    block = definition.block
    yield from (f"zip       {', '.join(d.keys)} move together" for d in block.dimensions if len(d.keys) > 1)
    yield from (f"when      {_rule(w.condition.rule)}: {_values(w.block.all_parameters())}" for w in block.whens)
    yield from (f"derive    {one.key} = {_rule(one.rule)}" for one in definition.derived)
    yield from (f"exclude   {_rule(condition.rule)}" for condition in definition.excludes)
    yield from (f"ablate    {_values(one.parameters)}{_base(one.base)}" for one in definition.ablations)
    yield from (f"case      {_values(case.parameters)}" for case in definition.cases)
    if definition.sample:
        yield f"sample    {plural(definition.sample.n, 'setting')}, seed {definition.sample.seed}"
    if definition.order != "as-given":
        yield f"order     {definition.order}"


def _base(parameters: Sequence[Parameter]) -> str:
    return f" (base: {_values(parameters)})" if parameters else ""


def _rule(value: Any) -> str:
    return printable(f"function {qualified_name(value)}" if callable(value) else str(value))


def _values(parameters: Iterable[Parameter]) -> str:
    return "; ".join(f"{one.key} = {', '.join(_alternatives(one))}" for one in parameters)


def product_line(definition: Definition, found: Survey) -> str:
    """Return the arithmetic of a grid: ``4 x 3 x 2 = 24 settings x 5 seeds = 120 runs``."""
    lengths = [len(d) for d in definition.block.dimensions if not is_seed(d) and len(d) > 1]
    seeds = next((len(d) for d in definition.block.dimensions if d.keys == (SEED,)), 1)
    if not definition.plain or found.settings * seeds != found.runs:
        rules = "" if definition.plain else " after the rules above"
        return f"{plural(found.settings, 'setting')}, {plural(found.runs, 'run')}{rules}"
    product = " x ".join(map(str, lengths)) + " = " if len(lengths) > 1 else ""
    return f"{product}{plural(found.settings, 'setting')} x {plural(seeds, 'seed')} = {plural(found.runs, 'run')}"


def _name_lines(found: Survey) -> Iterator[str]:
    if found.settings == 1:
        yield f"{_INDENT}name: {found.first}"
        return
    yield f"{_INDENT}first name:   {found.first}"
    yield f"{_INDENT}last name:    {found.last}"
    yield f"{_INDENT}longest name: {found.longest} ({len(found.longest)} characters)"


def report_html(definition: Definition, found: Survey) -> str:
    """Return the grid as an HTML table, for a notebook; every text in it is escaped."""
    shorthands = shown_shorthands(definition, [one.key for one in _distinct_parameters(definition)])
    rows = "".join(
        _row(one.key, shorthands[one.key] or "", ", ".join(_alternatives(one)))
        for one in _distinct_parameters(definition)
    )
    rules = "".join(
        f"<li>{html.escape(line)}</li>" for part in (definition, *definition.parts) for line in _rules(part)
    )
    title = f"<b>Grid {html.escape(definition.name or '(no name)')}</b>"
    return (
        f"<p>{title}: {html.escape(product_line(definition, found))}</p>"
        "<table><thead><tr><th>parameter</th><th>shorthand</th><th>values</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>" + (f"<ul>{rules}</ul>" if rules else "")
    )


def _row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td style='text-align:left'>{html.escape(cell)}</td>" for cell in cells) + "</tr>"


def error_html(message: str) -> str:
    """Return a grid's mistake as HTML, in place of its table."""
    return f"<p><b>this grid cannot run:</b> {html.escape(message)}</p>"
