"""Thousands of secrets are searched for by their pieces: no form of one is missed, and others are not tried."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launchdarkly_pulumi.api import redaction
from launchdarkly_pulumi.api.redaction import Redactor
from launchdarkly_pulumi.api.secret_search import SecretSearch, pieces_of

SECRETS = st.text(st.characters(codec="ascii"), min_size=6, max_size=24) | st.text(
    "ab\\u0061x%&;+", min_size=6, max_size=8
)
MIXED = st.builds("".join, st.tuples(st.text(max_size=3), SECRETS, st.text(max_size=3)))
AROUND = st.text("aZ9+/-_%\\&;u0x= ", max_size=12)
MANY = [f"password-of-{number:05}-store" for number in range(5000)]


def searched(*secrets: str) -> SecretSearch:
    """A search for the secrets."""
    search = SecretSearch()
    for secret in secrets:
        search.add(secret)
    return search


@given(data=st.data(), secret=SECRETS | MIXED, before=AROUND, after=AROUND)
def test_no_form_of_a_secret_is_missed(data: st.DataObject, secret: str, before: str, after: str) -> None:
    """Whatever its regular expression matches, each character escaped in another way, whatever stands around it."""
    form = data.draw(st.from_regex(redaction._pattern(secret), fullmatch=True))
    assert secret in searched(secret, "another secret").possible_among(pieces_of(before + form + after))


@pytest.mark.parametrize("lead", range(3))
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_no_base64_of_a_secret_is_missed(lead: int, encode: Callable[[bytes], bytes]) -> None:
    """Of six characters, the fewest with a piece, in a longer text; also where the characters around it are cut."""
    secret = "~?>~?>"
    text = encode(b"#" * lead + secret.encode() + b"#").decode()
    for each in (text, text[(0, 2, 3)[lead] :]):
        assert searched(secret).possible_among(pieces_of(each)) == [secret]


@pytest.mark.parametrize("secret", ["päss-wörd-1", "密码密码密码", "short", "x"])
def test_what_has_no_pieces_may_be_anywhere(secret: str) -> None:
    """Without six characters of ASCII in a row it is tried each time."""
    assert searched(secret, *MANY).possible_among(pieces_of("a text")) == [secret]
    assert searched("ä" + secret + "123456").possible_among(pieces_of("a text")) == []


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("abcd", "abcd"),
        (r"a\u0062\x63\U00000064", "abcd"),
        ("%61%62cd", "abcd"),
        ("a+b+", "a b "),
        (r"\"&amp;&lt;&#39;", "\"&<'"),
        (r"\\n\tb", "\\n\tb"),
        ("x.QUJDREVG", "BCDE"),
        ("'FCQ0RF", "BCDE"),
    ],
)
def test_a_text_spells_what_it_escapes(text: str, piece: str) -> None:
    """In each way that a server may."""
    assert piece in pieces_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "the password-of-nobody is wrong",
        "the password of the store is wrong",
        "password-of-'x' in re-store",
        "out of reach",
    ],
)
def test_thousands_that_begin_and_end_alike_are_not_tried(text: str) -> None:
    """How they begin and end is in many texts; the one that is there is found alone."""
    search = searched(*MANY)
    assert search.possible_among(pieces_of(text)) == []
    assert search.possible_among(pieces_of(f"password-of-00042-store {text}")) == ["password-of-00042-store"]


def test_no_regular_expression_is_made_for_what_a_text_does_not_have() -> None:
    """One takes milliseconds: with the password of each of thousands of stores a message would take a minute."""
    redactor = Redactor()
    redactor.learn(MANY)
    redaction._pattern.cache_clear()
    for show in (redactor.one_line, redactor.own_line):
        assert show("the host 'redis.example.com' is out of reach") == "the host 'redis.example.com' is out of reach"
    assert redaction._pattern.cache_info().misses == 0
    redactor.learn(["correct-horse-7"])
    assert redactor.one_line("correct%2Dhorse-7 is wrong") == "[secret] is wrong"
    assert redaction._pattern.cache_info().misses == 1


def test_what_stands_for_a_secret_may_complete_another_one() -> None:
    """It is hidden too."""
    redactor = Redactor()
    redactor.learn(["first-secret-1", "x[secret]-2345"])
    assert redactor.one_line("xfirst-secret-1-2345 is wrong") == "[secret] is wrong"
