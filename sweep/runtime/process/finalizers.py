"""What modules have asked `weakref.finalize` to do at the end of the process, and what of it a fork must not do."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterable, Iterator
from typing import Any

# They take back, entry by entry, what ends with the process. Those of torch touch every page of its operators, which
# takes a forked process several times as long as all else that it does.
_ONLY_TAKE_BACK = frozenset({"torch.library"})


def spare_the_needless(modules: Iterable[str] = _ONLY_TAKE_BACK) -> None:
    """Have the finalizers of some modules run when their object goes, but not at the end of the process."""
    needless = frozenset(modules)
    for finalizer, module in _registered():
        if module in needless:
            finalizer.atexit = False


def removes_at_exit() -> bool:
    """Say whether a `tempfile.TemporaryDirectory` of a module, say, would be there for all and be removed by one."""
    return any(module == tempfile.__name__ for _, module in _registered())


def _registered() -> Iterator[tuple[weakref.finalize[..., Any], str]]:
    """Yield each finalizer that is alive with the module of its function."""
    for finalizer in list(getattr(weakref.finalize, "_registry", ())):
        found = finalizer.peek()
        if found is not None:
            yield finalizer, str(getattr(found[1], "__module__", ""))
