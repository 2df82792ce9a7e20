"""What the emulator knows of a store's contents, and the patches that it makes of it."""

from __future__ import annotations

from launchdarkly_pulumi.emulator.segments import Copy, Patch, SetName, context_hash

NAME: SetName = ("beta.g1", "include")


def applied(patches: list[Patch], store: set[str]) -> set[str]:
    """A store after some patches."""
    for patch in patches:
        store = store | {*patch.hashes} if patch.adds else store - {*patch.hashes}
    return store


def hashes(keys: str) -> set[str]:
    """The hashes of contexts whose keys have one letter each."""
    return {context_hash(key) for key in keys}


def test_patches_are_of_a_size_at_most() -> None:
    """The last one has the rest, and one that is as large is whole."""
    patches = Copy().patches({NAME: frozenset("abcde"), ("beta.g1", "exclude"): frozenset("xy")}, 2)
    assert [(patch.kind, len(patch.hashes)) for patch in patches] == [
        ("include", 2),
        ("include", 2),
        ("include", 1),
        ("exclude", 2),
    ]


def test_only_what_differs_is_written() -> None:
    """And nothing where nothing does."""
    copy, members = Copy(), frozenset("abc")
    list(copy.patches({NAME: members}, 9))
    assert list(copy.patches({NAME: members}, 9)) == []
    patches = list(copy.patches({NAME: frozenset("bcd")}, 9))
    assert [(patch.adds, {*patch.hashes}) for patch in patches] == [(False, hashes("a")), (True, hashes("d"))]


def test_what_was_cut_off_is_made_up_for() -> None:
    """Also when the members are then what they were before, and however often it is cut off."""
    copy, first = Copy(), frozenset("abcd")
    store = applied(list(copy.patches({NAME: first}, 1)), set())
    for members in ("cdxy", "dz", "q"):
        cut_off = copy.patches({NAME: frozenset(members)}, 1)
        store = applied([next(cut_off)], store)
        next(cut_off)  # tried, and refused
    assert applied(list(copy.patches({NAME: first}, 1)), store) == hashes("abcd")
    assert list(copy.patches({NAME: first}, 1)) == []


def test_what_is_in_doubt_is_written_again() -> None:
    """All of it."""
    copy, members = Copy(), frozenset("abc")
    list(copy.patches({NAME: members}, 9))
    copy.doubt()
    assert applied(list(copy.patches({NAME: members}, 9)), set()) == hashes("abc")
