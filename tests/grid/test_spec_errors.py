import re
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweep.base.errors import SpecError, SweepError
from sweep.grid.spec import read_grid
from sweep.grid.spec.compose import compose
from sweep.grid.spec.emit import emit
from sweep.grid.spec.keys import DOCUMENT, ENTRY
from sweep.grid.spec.tree import Source

DATA = Path(__file__).parent / "data"

# Document, line, and words of the message: the offending key or value first of all.
WRONG = [
    # the document
    ("- a\n- b\n", 1, "a grid file must be a mapping"),
    ("just text\n", 1, "not 'just text'"),
    ("sweep: 1\ngird: {}\n", 2, "'gird'.*Did you mean 'grid'"),
    ("name: x\nsweep: 2\n", 2, "'sweep' is 2"),
    ("sweep: one\n", 1, "'sweep'.*whole number, not 'one'"),
    ("name: 5\n", 1, "'name' must be text, not 5"),
    ("sweep: 1\nname: a/b\n", 2, "'a/b' cannot name a directory"),
    ("default_shorthand: maybe\n", 1, "'default_shorthand' must be true or false"),
    # what the first variant, or counting, shows
    ("grid: {a: [1, 2], seed: [0, 1]}\nsample: {n: 3}\n", 2, "asks for more than the 2 settings"),
    ("grid: {a: [x, 2]}\nderive:\n  b: '1'\n  c: a - b\n", 4, "'a - b' fails"),
    ("grid: {a: [x, 2]}\nexclude:\n  - a == 5\n  - a > 1\n", 4, "'a > 1' fails"),
    ("grid: {a: [x, 2]}\nwhen:\n  - {if: a > 1, grid: {b: 1}}\n", 2, "'a > 1' fails"),
    ("grid: {a: 1}\nthunk: 5\n", 2, "'thunk' must be text"),
    ("grid: {algo: 1}\nthunk: alg\n", 2, "'thunk' is 'alg'.*Did you mean 'algo'"),
    ("grid: {algo: [1, 2]}\nthunk: algo\n", 2, "'thunk' is the key 'algo', whose value 1 is no function"),
    ("sweep: 1\nthunk: no_such_module:train\n", 2, "'no_such_module:train' cannot be imported"),
    ("thunk: math:sqrrt\n", 1, "has no 'sqrrt'.*Did you mean 'sqrt'"),
    ("thunk: math:pi\n", 1, "must be a function"),
    # grid
    ("grid: [a, b]\n", 1, "'grid' must be a mapping"),
    ("grid:\n  a: 1\n  b: []\n", 3, "'b' has no alternatives"),
    ("grid:\n  a: 1\n  b: [1, 1]\n", 3, "'b' lists 1 twice"),
    ("grid:\n  a: 1\n  a[x]: 2\n", 3, "'a' twice, as 'a' and as 'a.x.'"),
    ("grid:\n  a: 1\n  exp_name: x\n", 3, "'exp_name' is reserved"),
    ("grid:\n  a: 1\n  'b:': 1\n", 3, "'b:' has an empty part"),
    ("grid:\n  a: 1\n  a:b: 2\n", 3, "'a' has the value 1"),
    ("grid:\n  seed: [0, 1.5]\n", 2, "a seed is a whole number, not 1.5"),
    ("grid:\n  opt: {lr: 1, mom: 2}\n", 2, "'opt' has no key 'lr'.*written in a list"),
    ("grid:\n  lr:\n    vals: [1]\n    shorthnd: l\n", 4, "'lr' has no key 'shorthnd'.*Did you mean 'shorthand'"),
    ("grid:\n  lr[l]: {vals: [1], shorthand: m}\n", 2, "'lr' has two shorthands"),
    ("grid:\n  lr: {vals: [1], shorthand: 5}\n", 2, "'lr': the shorthand is 5"),
    ("grid:\n  lr: {vals: [1], in_name: maybe}\n", 2, "'lr': in_name is 'maybe'"),
    ("grid:\n  lr: {vals: [1, 2], labels: [a]}\n", 2, "'lr' has 2 values but 1 labels"),
    ("grid:\n  lr: {vals: [1, 2], labels: ab}\n", 2, "'lr': labels is 'ab'"),
    ("grid:\n  lr: {vals: [1, 2], labels: 5}\n", 2, "'lr'.*labels"),
    ("grid:\n  lr: {vals: [1, 2], runtime_only: true}\n", 2, "'lr' is runtime-only"),
    ("grid:\n  lr: {shorthand: l}\n", 2, "'lr': exactly one of vals, range"),
    ("grid:\n  lr: {}\n", 2, "'lr': exactly one of vals"),
    ("grid:\n  lr: {vals: {a: 1}}\n", 2, "'lr': vals must be a list or one value"),
    ("grid:\n  lr:\n    vals: [1]\n    range: [0, 2]\n", 4, "'lr': 'range' stands in place of vals"),
    ("grid:\n  lr: {range: [0, 2], linspace: [0, 1, 2]}\n", 2, "'lr'.*there is 'range' and 'linspace'"),
    ("grid:\n  lr:\n    range: [0, 2.5]\n", 3, "'lr': range takes whole numbers"),
    ("grid:\n  lr: {loguniform: [0, 1]}\n", 2, "loguniform.*above 0"),
    ("grid:\n  lr: {uniform: [0, 1], n: many}\n", 2, "'lr': 'n' must be a whole number"),
    ("grid:\n  lr:\n    range: [0, 3]\n    seed: 3\n", 4, "'lr': 'seed' belongs to uniform"),
    ("grid:\n  act:\n    - {py: nowhere}\n", 3, "'nowhere' does not name a function"),
    ("grid:\n  act: [{py: 'math:sqr'}]\n", 2, "has no 'sqr'"),
    ("grid:\n  act:\n    vals:\n      - 1\n      - {tuple: 5}\n", 5, "'tuple' must be a list"),
    # zip
    ("zip: {a: [1]}\n", 1, "'zip' must be a list"),
    ("zip:\n  - 5\n", 2, "an item of 'zip' must be a mapping"),
    ("zip:\n  - {a: [1, 2], b: [1]}\n", 2, "'a': 2, 'b': 1"),
    ("zip:\n  - a: [1]\n    a[x]: [2]\n", 3, "'a' twice"),
    ("zip:\n  - {}\n", 2, "zip needs lists"),
    ("zip:\n  - vals: {a: [1], b: [2]}\n    befor: x\n", 3, "'befor'.*Did you mean 'before'"),
    ("grid: {alpha: 1}\nzip:\n  - vals: {a: [1], b: [2]}\n    before: alpa\n", 4, "'alpa'.*Did you mean 'alpha'"),
    ("zip:\n  - {vals: {a: [1], b: [2]}, before: x}\n", 2, "'before' names 'x'; 'grid' has no keys"),
    ("zip:\n  - {vals: {a: [1], b: [2]}, before: 5}\n", 2, "'before' must be text"),
    ("zip:\n  - {vals: {a: [1], b: [2]}, in_name: 5}\n", 2, "'in_name' must be true or false"),
    ("zip:\n  - a: [1, 2]\n    b: []\n", 3, "'b' has no alternatives"),
    ("sweep: 1\nzip:\n  - {a: [1, 1], b: [2, 2]}\n", 3, "the row .* twice"),
    ("zip:\n  - a: [1, 2]\n    b: {vals: [1, 2]}\n", 3, "'b' has no key 'vals'"),
    ("zip:\n  - {a: {uniform: [0, 1]}}\n", 2, "zip needs lists"),
    ("grid: {a: 1}\nzip:\n  - {a: [1, 2], b: [3, 4]}\n", 3, "'a' is added twice"),
    # when
    ("when: {if: a, grid: {}}\n", 1, "'when' must be a list"),
    ("grid: {a: 1}\nwhen:\n  - {grid: {b: 1}}\n", 3, "'when' has 'if'"),
    ("grid: {a: 1}\nwhen:\n  - {if: a == 1}\n", 3, "'when' has 'if', and 'grid'"),
    ("grid: {a: 1}\nwhen:\n  - if: a == 1\n    grids: {b: 1}\n", 4, "'grids'.*Did you mean 'grid'"),
    ("grid: {a: 1}\nwhen:\n  - grid: {b: 1}\n    if: a ==\n", 4, "'a ==' is not an expression"),
    ("grid: {a: 1}\nwhen:\n  - grid: {b: 1}\n    if: 5\n", 4, "'if', if it is not a mapping, must be text"),
    ("grid: {a: 1}\nwhen:\n  - grid: {b: 1}\n    if: {}\n", 4, "empty mapping"),
    ("grid: {alpha: 1}\nwhen:\n  - grid: {b: 1}\n    if: alpa == 1\n", 4, "'alpa'.*Did you mean 'alpha'"),
    ("grid: {a: 1}\nwhen:\n  - {if: a == 1, grid: {a: 2}}\n", 3, "'a' is already in the grid"),
    ("grid: {a: 1}\nwhen:\n  - if: a == 1\n    grid:\n      b: [1, 1]\n", 5, "'b' lists 1 twice"),
    (
        "grid: {a: 1}\nwhen:\n  - if: a == 1\n    grid: {b: 1}\n    when:\n      - if: {bb: 1}\n        grid: {c: 1}\n",
        6,
        "'bb'.*Did you mean 'b'|names 'bb'",
    ),
    # cases and ablate
    ("cases: {a: 1}\n", 1, "'cases' must be a list"),
    ("cases:\n  - 5\n", 2, "an item of 'cases' must be a mapping"),
    ("cases:\n  - a: 1\n    b: []\n", 3, "'b' has no alternatives"),
    ("cases:\n  - a: {x: 1}\n", 2, "'a' has no key 'x'"),
    ("ablate: 5\n", 1, "'ablate', if it is not a list, must be a mapping"),
    ("ablate:\n  - {base: {a: 1}}\n", 2, "'ablate' needs 'vals'"),
    ("ablate:\n  - vals: {a: 1}\n    bse: {a: 1}\n", 3, "'bse'.*Did you mean 'base'"),
    ("ablate:\n  a: [1, 1]\n", 2, "'a' lists 1 twice"),
    # derive and exclude
    ("derive: [a]\n", 1, "'derive' must be a mapping"),
    ("grid: {a: 1}\nderive:\n  b: a *\n", 3, "'a .' is not an expression"),
    ("grid: {alpha: 1}\nderive:\n  b: 2 * alpa\n", 3, "'alpa'.*Did you mean 'alpha'"),
    ("grid: {a: 1}\nderive:\n  a: a + 1\n", 3, "'a' is already a parameter"),
    ("grid: {a: 1}\nderive:\n  b: 5\n", 3, "the rule of 'b' must be text, not 5"),
    ("grid: {a: 1}\nderive:\n  b: {shorthand: x}\n", 3, "the rule of 'b' must be text"),
    ("grid: {a: 1}\nderive:\n  b:\n    rul: a\n", 4, "'b' has no key 'rul'.*Did you mean 'rule'"),
    ("grid: {a: 1}\nderive:\n  b[x]: {rule: a, shorthand: y}\n", 3, "'b' has two shorthands"),
    ("grid: {a: 1}\nderive:\n  b: open('x')\n", 3, "calls 'open'"),
    ("exclude: a == 1\n", 1, "'exclude' must be a list"),
    ("grid: {a: 1}\nexclude:\n  - a == 1\n  - 5\n", 4, "'exclude'.*must be text, not 5"),
    ("grid: {alpha: 1}\nexclude:\n  - {alpa: 1}\n", 3, "'alpa'.*Did you mean 'alpha'"),
    ("grid: {a: 1}\nexclude:\n  - a.b.__class__\n", 3, "'__class__' is not a parameter"),
    # sample, order, union, run
    ("sample: 5\n", 1, "'sample' must be a mapping"),
    ("sample:\n  seed: 1\n", 1, "'sample' needs 'n'"),
    ("sample:\n  n: 0\n", 1, r"sample\(0\)"),
    ("sample:\n  n: 1\n  sed: 2\n", 3, "'sed'.*Did you mean 'seed'"),
    ("sample:\n  n: 1.5\n", 2, "'sample': 'n' must be a whole number"),
    ("sweep: 1\norder: suffle\n", 2, "'suffle'.*Did you mean 'shuffle'"),
    ("order: 5\n", 1, "'order' must be text"),
    ("order:\n  seed: 1\n", 1, "'order'.*needs 'order'"),
    ("order:\n  order: shuffle\n  seed: x\n", 3, "'seed' must be a whole number"),
    ("union: {grid: {a: 1}}\n", 1, "'union' must be a list"),
    ("union:\n  - grid: {a: 1}\n", 1, "'union' joins two grids or more, not 1"),
    ("union:\n  - grid: {a: 1}\n  - grid: {a: 2}\n    run: {}\n", 4, "'run'"),
    ("union:\n  - grid: {a: 1}\n  - 5\n", 3, "a part of 'union' must be a mapping"),
    ("union:\n  - grid: {a: 1}\n  - grid:\n      a: []\n", 4, "'a' has no alternatives"),
    ("union: [{grid: {a: 1}}, {grid: {a: 2}}]\ngrid:\n  b: 1\n", 3, "a union takes no more parameters"),
    ("run: 5\n", 1, "'run' must be a mapping"),
    ("run:\n  parallel: 2\n  paralel: 3\n", 3, "'paralel'.*Did you mean 'parallel'"),
    ("run:\n  num_cpu: 2\n  ranks: 3\n", 3, "'num_cpu' under two names"),
    ("run:\n  parallel: {py: 'math:pii'}\n", 2, "has no 'pii'"),
]


@pytest.mark.parametrize(("document", "line", "words"), WRONG, ids=[words[:40] for _, _, words in WRONG])
def test_a_wrong_document_is_one_error_with_its_line_and_the_offending_key(document, line, words):
    with pytest.raises(SpecError) as caught:
        read_grid(document, "grid.yaml", run_keys=["parallel", "num_cpu"])
    error = caught.value
    assert (error.source, error.line) == ("grid.yaml", line)
    assert str(error).startswith(f"grid.yaml:{line}: ")
    assert str(error).count("grid.yaml:") == 1
    assert "\n" not in str(error)
    assert re.search(words, str(error))


def test_an_error_of_the_grid_stays_the_cause():
    with pytest.raises(SpecError) as caught:
        read_grid("grid: {a: []}")
    assert isinstance(caught.value.__cause__, SweepError)
    assert str(caught.value.__cause__) in str(caught.value)


@pytest.fixture(autouse=True, scope="module")
def same_search_path():
    """Take the folder of the data files from Python's path again."""
    before = list(sys.path)
    yield
    sys.path[:] = before


@given(st.text())
def test_any_text_is_a_grid_or_one_error(text):
    read_or_refused(text)


@given(st.text(alphabet="ab: -[]{},'\"&*!|>#%@\n\t<~?0.", max_size=60))
def test_any_text_of_yamls_own_characters_is_a_grid_or_one_error(text):
    read_or_refused(text)


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-1000, 1000), st.floats(), st.text(max_size=5),
    st.sampled_from(["a", "a > 1", "seed", "math:sqrt", "math:no", "shuffle", "a[b]", "a:b", "vals"]),
)  # fmt: skip
words = st.one_of(
    st.sampled_from([*DOCUMENT, *ENTRY, "a", "b", "a:b", "a[x]", "seed", "py", "tuple", "dict"]), st.text(max_size=4)
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4), max_leaves=12
)


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from(DOCUMENT), anything, min_size=1))
def test_any_data_under_the_right_keys_is_a_grid_or_one_error(document):
    read_or_refused(as_yaml(document))


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from(sorted(DATA.glob("*.yaml"))), anything)
def test_a_good_file_with_one_value_replaced_is_a_grid_or_one_error(data, path, other):
    document = compose(path.read_text(), Source()).data()
    holder, key = data.draw(st.sampled_from(list(places(document))))
    holder[key] = other
    document.pop("thunk", None)
    read_or_refused(as_yaml(document))


def places(value):
    """Yield (container, key) of every value inside a value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(pairs):
        yield value, key
        yield from places(inner)


def as_yaml(document):
    # The block of `run` is written whatever it holds.
    return emit({"run": document})[5:].replace("\n  ", "\n")


def read_or_refused(text):
    try:
        read_grid(text, "grid.yaml", folder=DATA)
    except SpecError as error:
        assert error.line >= 1
        assert str(error).startswith(f"grid.yaml:{error.line}: ")
