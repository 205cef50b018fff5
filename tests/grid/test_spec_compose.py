import pytest

from sweep.base.errors import SpecError
from sweep.grid.spec.compose import compose
from sweep.grid.spec.tree import Source


def read(text):
    return compose(text, Source("grid.yaml"))


def refused(text):
    with pytest.raises(SpecError) as caught:
        read(text)
    return caught.value


def test_quotes_and_blocks_keep_text_that_would_be_a_number():
    document = "a: '1'\nb: \"null\"\nc: |\n  12\nd: >-\n  34\n"
    assert read(document).data() == {"a": "1", "b": "null", "c": "12\n", "d": "34"}


def test_the_value_of_a_key_has_the_line_of_the_key_and_an_item_its_own():
    root = read("# comment\na:\n  - 1\n  - 2\n\nb: {c: 3}\n")
    assert root.value["a"].line == 2
    assert [item.line for item in root.value["a"].value] == [3, 4]
    assert root.value["b"].value["c"].line == 6


def test_an_alias_stands_for_a_copy_of_its_anchor():
    assert read("a: &x [1, {b: 2}]\nc: *x\n").data() == {"a": [1, {"b": 2}], "c": [1, {"b": 2}]}


def test_a_merge_gives_way_to_the_own_keys_of_a_mapping():
    document = "base: &b {x: 1, y: 2}\nmore: {<<: *b, y: 3, z: 4}\n"
    assert list(read(document).data()["more"].items()) == [("x", 1), ("y", 3), ("z", 4)]


def test_the_first_of_several_merges_wins():
    document = "a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b]}\n"
    assert read(document).data()["c"] == {"x": 1, "y": 2}


def test_a_merged_mapping_may_merge_others():
    document = "a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b, z: 3}\n"
    assert read(document).data()["c"] == {"x": 1, "y": 2, "z": 3}


def test_a_quoted_merge_key_is_a_key():
    assert read("'<<': {a: 1}\n").data() == {"<<": {"a": 1}}


def test_a_merged_entry_keeps_the_line_where_it_is_written():
    assert read("a: &a\n  x: 1\nb:\n  <<: *a\n").value["b"].value["x"].line == 2


def test_a_byte_order_mark_and_windows_line_ends_are_read():
    assert read("\ufeffa: 1\r\nb: 2\r\n").data() == {"a": 1, "b": 2}


def test_aliases_of_aliases_are_refused_before_they_fill_the_memory():
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    error = refused("a0: &a0 [1]\n" + "\n".join(levels))
    assert "aliases copy more than 100,000 values" in str(error)


def test_merges_of_merges_are_refused_before_they_take_forever():
    levels = [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 12)]
    assert "aliases copy more than" in str(refused("a0: &a0 {x: 1}\n" + "\n".join(levels)))


def test_a_large_file_without_aliases_is_read():
    assert len(read("a: [" + "1, " * 2000 + "1]").data()["a"]) == 2001


@pytest.mark.parametrize("document", ["a: &a [*a]", "a: &a {b: *a}", "&a {<<: *a}"])
def test_an_alias_inside_its_own_anchor_is_refused(document):
    assert "holds itself" in str(refused(document))


@pytest.mark.parametrize("document", ["[" * 5000, "a: " + "[" * 200 + "]" * 200, "{a: " * 3000, "- " * 3000 + "1"])
def test_deep_nesting_is_refused_without_a_traceback(document):
    assert isinstance(refused(document), SpecError)


@pytest.mark.parametrize(
    ("document", "line", "words"),
    [
        ("", 1, "the file is empty"),
        ("   \n\n", 1, "the file is empty"),
        ("# only a comment\n", 1, "the file is empty"),
        ("---\n...\n", 1, "the file is empty"),
        ("a: 1\n---\nb: 2\n", 2, "second YAML document"),
        ("a: 1\nb: 2\na: 3\n", 3, "'a' is given twice, first in line 1"),
        ("a: {b: 1, 'b': 2}\n", 1, "'b' is given twice"),
        ("x: &x {}\na:\n  <<: *x\n  <<: *x\n", 4, "'<<' is given twice"),
        ("a: 1\n<<: 5\n", 2, "merges mappings"),
        ("x: &x {}\na:\n  <<: [*x, 5]\n", 3, "merges mappings"),
        ("a: 1\n2: b\n", 2, "the key 2 is not text"),
        ("a: 1\n~: b\n", 2, "the key ~ is not text"),
        ("a: 1\ntrue: b\n", 2, "the key true is not text"),
        ("a: 1\n? [b]\n: 1\n", 2, "is not text"),
        ("a: 1\n9" + "9" * 1001 + ": 1\n", 2, "too long"),
        ("a:\nb: 1\n", 1, "'a' has no value"),
        ("a: 1\nb: {c}\n", 2, "'c' has no value"),
        ("a: 1\nb:\n  -\n  - 2\n", 3, "nothing stands here"),
        ("a: 1\nb: " + "9" * 1001, 2, "too long"),
        ("a: 1\nb: !!python/object/apply:os.system [ls]\n", 2, "python/object/apply:os.system' is not allowed"),
        ("a: 1\nb: !!str 5\n", 2, "tag:yaml.org,2002:str' is not allowed"),
        ("a: 1\nb: !mine 5\n", 2, "the tag '!mine'"),
        ("!!map {a: 1}\n", 1, "is not allowed"),
        ("a: 1\nb: *nobody\n", 2, "undefined alias 'nobody'"),
        ("a: 1\nb: [1, 2\n", 3, "is not YAML"),
        ("a: 1\nb: {lr[l]: 1}\n", 2, "got '['. Quote a key that has brackets, inside braces"),
        ("a: 1\nb: c: d\n", 2, "mapping values are not allowed here"),
        ("a: 1\n\tb: 2\n", 2, "is not YAML"),
        ("a: 1\nb: @x\n", 2, "is not YAML"),
        ("a: 1\nb: 'open\n", 3, "is not YAML"),
        ("a: 1\nb: \x00\n", 2, "which YAML refuses"),
        ('a: 1\nb: "\\UFFFFFFFF"\n', 2, "is not YAML"),
        ('a: 1\nb: "\\U00110000"\n', 2, "is not YAML"),
        ("%YAML 9.9\n---\na: 1\n", 1, "is not YAML"),
    ],
)
def test_a_wrong_text_is_one_error_with_its_line(document, line, words):
    error = refused(document)
    assert words in str(error)
    assert error.line == line
    assert str(error).startswith(f"grid.yaml:{line}: ")
