"""Sweeps to report on: an ordinary one, and one in which every text is an attack."""

from __future__ import annotations

from pathlib import Path

from ..conftest import DataDir, curve

# What a name, a value, a cause or a line of a log may hold at worst.
HOSTILE = (
    "<script>window.owned=1</script>",
    "</script><img src=x onerror=window.owned=1>",
    '"><svg/onload=window.owned=1>',
    "<a href='https://evil.example/x'>click</a><b>bold</b>",
    "\u2028\u2029window.owned=1//",
    "\x1b[2J\x1b]0;owned\x07\x1b[31mred",
    "%{customdata}%{x} &lt;b&gt; &amp; $x^2$",
    "javascript:window.owned=1",
    "=HYPERLINK(1)",
    "\u202egnp.exe",
    "]]><!-- --!>",
)


def ordinary(data: DataDir) -> DataDir:
    """Two parameters in full, three seeds; one run failed with a log, and of one setting a seed ended early."""
    for lr in (0.1, 0.01):
        for act in ("tanh", "relu"):
            for seed in range(3):
                _one(data, lr, act, seed)
    return data


def _one(data: DataDir, lr: float, act: str, seed: int) -> None:
    failed, short = (lr, act, seed) == (0.1, "relu", 2), (lr, act, seed) == (0.01, "tanh", 1)
    heights = [seed + 100 * lr * epoch + 20 * (act == "tanh") for epoch in range(10 if short else 40)]
    state, cause = ("failed", "rank 0: ValueError: loss is nan") if failed else ("done", "")
    made = data.run(f"ppo_lr{lr}_{act}", seed, curve(*heights), state, cause=cause, lr=lr, act=act, gamma=0.9)
    if failed:
        made.output.write_text("epoch 1\nTraceback\nValueError: loss is nan\n")


def hostile(data: DataDir) -> DataDir:
    """A setting for each attack: in the label, a value, a key, a column, a cause and a log."""
    for place, text in enumerate(HOSTILE):
        for seed in range(2):
            state, cause = ("failed", text) if (place % 2, seed) == (0, 1) else ("done", "")
            key = {text: place}
            rows = [{**row, text.replace("\t", ""): 1.0} for row in curve(1.0 * place, 2.0 * place, 3.0 + seed)]
            made = data.run(f"x{place}", seed, rows, state, f"module:{text}", cause=cause, value=text, **key)
            made.output.write_text("\n".join(HOSTILE) + "\n", encoding="utf-8", newline="")
    return data


def at(folder: Path) -> DataDir:
    """Return an empty data directory below a folder."""
    (folder / "data").mkdir()
    return DataDir(folder / "data")
