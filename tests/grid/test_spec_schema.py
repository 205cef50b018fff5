import inspect
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from sweep import ExperimentGrid
from sweep.front.request import ENGINES, RUN_KEYS
from sweep.grid import parameter
from sweep.grid.definition import ORDERS
from sweep.grid.spec import keys, read_grid
from sweep.grid.spec.compose import compose
from sweep.grid.spec.tree import Source

DATA = Path(__file__).parent / "data"
SCHEMA = json.loads((Path(parameter.__file__).parent / "grid.schema.json").read_text())
DEFINITIONS = SCHEMA["$defs"]
VALIDATOR = Draft202012Validator(SCHEMA)


def accepts(text):
    return VALIDATOR.is_valid(compose(text, Source()).data())


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_has_the_keys_of_the_reader():
    item = {name: DEFINITIONS[name]["items"] for name in ("zip", "when", "union")}
    found = {
        keys.DOCUMENT: SCHEMA,
        keys.GRID: item["union"],
        keys.ENTRY: DEFINITIONS["specification"],
        keys.COLUMN: DEFINITIONS["generator"],
        keys.TAGS: DEFINITIONS["tagged"],
        keys.ZIP: item["zip"]["then"],
        keys.WHEN: item["when"],
        keys.DERIVE: DEFINITIONS["derive"]["additionalProperties"]["anyOf"][1],
        keys.ABLATE: DEFINITIONS["ablate"]["anyOf"][1]["items"],
        keys.SAMPLE: DEFINITIONS["sample"],
        keys.ORDER: DEFINITIONS["order"]["anyOf"][1],
    }
    for known, part in found.items():
        assert tuple(part["properties"]) == known
        assert part["additionalProperties"] is False
    assert tuple(DEFINITIONS["order_name"]["enum"]) == ORDERS
    assert SCHEMA["properties"]["sweep"]["const"] == keys.VERSION
    assert tuple(DEFINITIONS["value"]["if"]["propertyNames"]["enum"]) == keys.TAGS


def test_the_schema_has_the_keywords_of_run():
    arguments = set(inspect.signature(ExperimentGrid.run).parameters) - {"self", "thunk"}
    assert arguments - set(RUN_KEYS) == {"shard", "index"}
    assert set(SCHEMA["properties"]["run"]["properties"]) == {*RUN_KEYS, *keys.RUN_ALIASES}
    assert tuple(SCHEMA["properties"]["run"]["properties"]["engine"]["enum"]) == ENGINES


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("{num_cpu: 4, parallel: auto, threads: 2, gpus: 0.5, memory: 4G, timeout: 2h, data_dir: x}", True),
        ("{ranks: auto, memory: 1000, timeout: 0.5, datestamp: true, retry_failed: false, dry_run: true}", True),
        ("{order: seeds-outer, wait: 1.5, parallel: 3, engine: local}", True),
        *[(f"{{{one}}}", False) for one in (
            "num_cpu: 0", "num_cpu: 1.5", "num_cpu: all", "ranks: -1", "ranks: 1, num_cpu: 1", "parallel: 0",
            "parallel: [1]", "threads: 0", "threads: auto", "gpus: -1", "gpus: '1'", "memory: 1.5", "timeout: [1]",
            "data_dir: 5", "data_dir: ''", "datestamp: 1", "retry_failed: 'no'", "dry_run: 0", "order: random",
            "wait: -1", "wait: soon", "whatever: 1", "thunk: a", "engine: lokal", "engine: {py: 'here:pool'}",
        )],
    ],
)  # fmt: skip
def test_the_run_block_is_typed_and_closed(text, fits):
    assert accepts(f"run: {text}") == fits


def test_every_key_of_the_schema_is_described():
    for part in (SCHEMA, DEFINITIONS["specification"], DEFINITIONS["tagged"]):
        for name, body in part["properties"].items():
            body = {**DEFINITIONS.get(body.get("$ref", "").rpartition("/")[2], {}), **body}
            assert body.get("description"), name


@pytest.mark.parametrize("path", sorted(DATA.glob("*.yaml")), ids=lambda path: path.stem)
def test_good_files_are_valid(path):
    assert list(VALIDATOR.iter_errors(compose(path.read_text(), Source()).data())) == []


@pytest.mark.parametrize(
    "text",
    [
        "grid: {a: null}", "grid: {a: {tuple: [1]}}", "grid: {a: [{tuple: [{tuple: []}]}]}", "grid: {a: [{x: {y: 1}}]}",
        "ablate: {vals: 1, base: 2}", "ablate: [{vals: {a: 1}}]", "zip: [{vals: [1], x: [2]}]", "cases: [{}]",
        "grid: {a: {choice: [1], n: 1, shorthand: x}}", "run: {num_cpu: auto, wait: 0}", "order: shuffle",
    ],
)  # fmt: skip
def test_what_the_reader_takes_is_valid(text):
    read_grid(text)
    assert accepts(text)


@pytest.mark.parametrize(
    "text",
    [
        "gird: {}", "sweep: 2", "name: 5", "default_shorthand: maybe", "thunk: 5", "grid: [a]", "grid: {a: []}",
        "grid: {a: {lr: 1}}", "grid: {a: {}}", "grid: {a: {shorthand: x}}", "grid: {a: {vals: []}}",
        "grid: {a: {vals: {x: 1}}}", "grid: {a: {vals: [1], range: [0, 2]}}", "grid: {a: {vals: [1], n: 2}}",
        "grid: {a: {range: [0, 2], linspace: [0, 1, 2]}}", "grid: {a: {range: [0]}}",
        "grid: {a: {range: [0, 2], n: 2}}",
        "grid: {a: {linspace: [0, 1]}}", "grid: {a: {linspace: [0, 1, 0]}}", "grid: {a: {uniform: [0, 1], n: 0}}",
        "grid: {a: {vals: 1, in_name: 5}}", "grid: {a: {vals: 1, labels: x}}", "grid: {a: {vals: 1, shorthand: 5}}",
        "grid: {a: [{py: 5}]}", "grid: {a: {py: nowhere}}", "grid: {a: [[{tuple: 5}]]}", "grid: {a: [{dict: [[1]]}]}",
        "grid: {a: {choice: []}}", "grid: {a: {choice: [1], n: x}}", "zip: {a: [1]}", "zip: [5]",
        "zip: [{vals: {a: [1]}, befor: x}]", "zip: [{a: {vals: [1]}}]", "when: [{if: a}]", "when: [{grid: {a: 1}}]",
        "when: [{if: {}, grid: {a: 1}}]", "when: [{if: a, grids: {}}]", "cases: {a: 1}", "cases: [{a: {x: 1}}]",
        "derive: [a]", "derive: {a: 5}", "derive: {a: {shorthand: x}}", "exclude: a", "exclude: [5]", "exclude: [{}]",
        "ablate: 5", "ablate: [{base: {a: 1}}]", "sample: 5", "sample: {seed: 1}", "sample: {n: 0}", "order: suffle",
        "order: {seed: 1}", "union: [{grid: {a: 1}}]", "union: [{grid: {a: 1}}, {run: {}}]", "run: 5",
    ],
)  # fmt: skip
def test_what_the_reader_refuses_is_not_valid(text):
    with pytest.raises(Exception, match=r"^grid\.yaml:1: "):
        read_grid(text, "grid.yaml")
    assert not accepts(text)
