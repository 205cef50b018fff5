"""A table in the formats of others: Markdown and LaTeX, with the cells that a terminal shows, and CSV with numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence

from sweep.results.export.columns import plain
from sweep.results.export.csv import cell_text
from sweep.results.text.table import TextTable

_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
}  # fmt: skip


def markdown(table: TextTable) -> str:
    """Return a table of Markdown as GitHub reads it."""
    rows = [_names(table), [":--" if column.align == "left" else "--:" for column in table.columns], *_texts(table)]
    return "".join("| " + " | ".join(map(_in_markdown, row)) + " |\n" for row in rows)


def _in_markdown(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def comma_separated(rows: Sequence[Mapping[str, object]]) -> str:
    """Return CSV (RFC 4180, with line feeds), numbers with every digit; a name a row is a column."""
    out = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    told = [[cell_text(plain(row[name]) if row.get(name) is not None else None) for name in names] for row in rows]
    csv.writer(out, lineterminator="\n").writerows([list(map(cell_text, names)), *told])
    return out.getvalue()


def latex(table: TextTable) -> str:
    """Return a tabular environment with the rules of booktabs."""
    aligns = "".join("l" if column.align == "left" else "r" for column in table.columns)
    body = "".join(_latex_row(row) for row in _texts(table))
    head = _latex_row(_names(table))
    return f"\\begin{{tabular}}{{{aligns}}}\n\\toprule\n{head}\\midrule\n{body}\\bottomrule\n\\end{{tabular}}\n"


def _latex_row(row: Sequence[str]) -> str:
    return " & ".join("".join(_LATEX.get(letter, letter) for letter in text) for text in row) + r" \\" + "\n"


def _names(table: TextTable) -> list[str]:
    return [column.name for column in table.columns]


def _texts(table: TextTable) -> list[list[str]]:
    return [[one.text for one in row] for row in table.rows]


FORMATS: Mapping[str, Callable[[TextTable], str]] = {"md": markdown, "latex": latex}
