"""Some variants of a grid, chosen by their places in the order in which it is written."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

from sweep.grid.expansion import chosen_variants, named_variants
from sweep.grid.grid import Grid
from sweep.grid.product import Product

Named = list[tuple[str, dict[str, Any]]]


def plain() -> Grid:
    return Grid("g").add("lr", [1, 2, 3]).add("seed", [0, 10]).add("net:width", [(8,), [16]])


def with_rules() -> Grid:
    return plain().when({"lr": 2}, {"depth": [1, 2]}).exclude({"lr": 3, "seed": 10}).case({"lr": 7, "seed": 0})


def in_order(grid: Grid, order: str) -> Any:
    return grid.order(order).definition


def comparable(found: Any) -> Named:
    return [(name, variant) for name, variant in found]


@pytest.mark.parametrize("make", [plain, with_rules])
@pytest.mark.parametrize("order", ["as-given", "seeds-outer", "shuffle"])
@pytest.mark.parametrize("count", [1, 3, 5, 100])
def test_parts_in_any_order_are_the_whole_grid_each_variant_once_and_in_that_order(
    make: Any, order: str, count: int
) -> None:
    written = comparable(named_variants(in_order(make(), "as-given")))
    whole = comparable(named_variants(in_order(make(), order)))
    for first in range(count):
        places = range(first, len(written), count)
        part = comparable(chosen_variants(in_order(make(), order), places))
        assert part == [one for one in whole if one in written[first::count]]


def test_the_chosen_variants_of_a_huge_product_cost_nothing_for_the_others() -> None:
    definition = Grid("g").add("a", list(range(10**4))).add("b", list(range(10**4))).add("c", [1, 2]).definition
    assert [variant for _, variant in chosen_variants(definition, range(10**8 + 1, 10**8 + 2))] == [
        {"a": 5000, "b": 0, "c": 2}
    ]


def test_chosen_variants_share_no_container_with_the_grid() -> None:
    definition = plain().definition
    [(_, variant)] = chosen_variants(definition, range(1, 2))
    variant["net"]["width"].append(99)
    [(_, again)] = chosen_variants(definition, range(1, 2))
    assert again["net"]["width"] == [16]


def test_places_are_known_lazily_where_seeds_are_outermost() -> None:
    dimensions = Grid().add("a", list(range(10**5))).add("seed", list(range(10**5))).definition.block.dimensions
    assert list(islice(Product(dimensions).places_seeds_outer(), 3)) == [0, 10**5, 2 * 10**5]
