"""Foreign text made fit to show: no form of a secret survives, and it is one short line."""

from __future__ import annotations

import base64
import json
import re
import threading
import unicodedata
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from launchdarkly_pulumi.api.redaction import (
    FOREIGN_TEXT_LIMIT,
    LONGEST_TINY,
    SHORTEST_DISTINCTIVE,
    WITHHELD,
    Redactor,
    without_secrets,
)
from launchdarkly_pulumi.model.value_rules import HIDDEN, shown
from support import samples


def utf8(text: str) -> bytes:
    """As a secret travels."""
    return text.encode("utf-8", "surrogatepass")


FORMS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "JSON": lambda secret: json.dumps(secret)[1:-1],
    "JSON with Unicode": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "Python": lambda secret: repr(secret)[1:-1],
    "path of a URL": lambda secret: quote(utf8(secret)),
    "component of a URL": lambda secret: quote(utf8(secret), safe=""),
    "form of a URL": lambda secret: quote_plus(utf8(secret)),
    "base64": lambda secret: base64.b64encode(utf8(secret)).decode(),
    "base64 without padding": lambda secret: base64.b64encode(utf8(secret)).decode().rstrip("="),
    "base64 for URLs": lambda secret: base64.urlsafe_b64encode(utf8(secret)).decode(),
}

# Not the marks that the redactor itself writes, in which a secret would be found, nor the padding that base64 may lack.
SECRETS = st.text(st.characters(exclude_characters="[]…="), min_size=1, max_size=40).filter(
    lambda secret: secret not in HIDDEN
)


def is_visible(secret: str) -> bool:
    """Whether it is without what gets folded."""
    return not any(c.isspace() or unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs") for c in secret)


DISTINCTIVE = st.text(
    st.characters(exclude_characters="[]…=", exclude_categories=["Cc", "Cf", "Zl", "Zp", "Zs", "Cs"]),
    min_size=SHORTEST_DISTINCTIVE,
    max_size=40,
).filter(lambda secret: is_visible(secret) and not secret.isalpha())
WORDS = st.text(st.characters(categories=["L"]), min_size=LONGEST_TINY + 1, max_size=30)
SHORT = st.text(min_size=LONGEST_TINY + 1, max_size=SHORTEST_DISTINCTIVE - 1).filter(is_visible)
PLAIN = st.characters(codec="ascii", exclude_categories=["Cc"])
TINY = st.text(min_size=1, max_size=LONGEST_TINY).filter(is_visible)


def redactor_of(*secrets: str) -> Redactor:
    """A redactor that has met the secrets."""
    redactor = Redactor()
    redactor.learn(secrets)
    return redactor


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("secret", [samples.PASSWORD, samples.TOKEN, "a b", "100%", "\\", "'\"", "päß?&=+", "\ud800x"])
def test_a_secret_is_hidden_in_each_of_its_forms(secret: str, form: Callable[[str], str]) -> None:
    """As it is, escaped for JSON, Python or a URL, and in base64 with and without padding."""
    hidden = without_secrets(f"before {form(secret)} after", [secret])
    assert re.fullmatch(r"before \[secret\]={0,2} after", hidden)


@given(
    secrets=st.lists(SECRETS, min_size=1, max_size=4),
    form=st.sampled_from(list(FORMS.values())),
    around=st.tuples(st.text(max_size=20), st.text(max_size=20)),
)
@example(secrets=["ab", "abcd"], form=str, around=("ab", "cd"))
def test_no_form_of_any_secret_survives(
    secrets: list[str], form: Callable[[str], str], around: tuple[str, str]
) -> None:
    """Several secrets, one in another too, all echoed in the same form amid other text."""
    forms = [form(secret).rstrip("=") for secret in secrets]
    assume(not any(shape in HIDDEN for shape in forms))
    hidden = without_secrets(around[0] + " ".join(map(form, secrets)) + around[1], secrets)
    assert [shape for shape in forms if shape in hidden] == []


@given(text=st.text(max_size=400), secret=DISTINCTIVE, form=st.sampled_from(list(FORMS.values())))
def test_no_distinctive_secret_is_in_a_line(text: str, secret: str, form: Callable[[str], str]) -> None:
    """Neither folding nor cutting brings one back, whole or in part."""
    line = redactor_of(secret).one_line(f"{text[:200]}{form(secret)}{text[200:]}")
    assert form(secret).rstrip("=") not in line


@given(text=st.text(max_size=400), secret=WORDS | SHORT, form=st.sampled_from(list(FORMS.values())))
@example(text="", secret="redis", form=str)
@example(text="rs", secret="edis", form=str)
def test_a_text_with_a_secret_that_can_be_guessed_is_withheld(
    text: str, secret: str, form: Callable[[str], str]
) -> None:
    """A word, or a short one, in any form and within other words too: what would be left tells which one it is."""
    middle = len(text) // 2
    assert redactor_of(secret).one_line(f"{text[:middle]}{form(secret)}{text[middle:]}") == WITHHELD


@given(
    text=st.text(max_size=400),
    secret=TINY,
    form=st.sampled_from(list(FORMS.values())),
    around=st.sampled_from([" ", "'", '"', ":", "=", "%3D", "\\n", "\\u0022", "\\x22", "&", "_", "/", "@"]),
)
def test_a_text_with_a_tiny_secret_that_stands_alone_is_withheld(
    text: str, secret: str, form: Callable[[str], str], around: str
) -> None:
    """Between blanks, quotes, and in a URL or an escaped string."""
    middle = len(text) // 2
    quoted = f"{around}{form(secret)}{'&' if around == '%3D' else around}"
    assert redactor_of(secret).one_line(f"{text[:middle]}{quoted}{text[middle:]}") == WITHHELD


@pytest.mark.parametrize(
    ("secret", "text"),
    [("a", "Bad gateway"), ("is", "This list"), ("abc", "abcd 1abc"), ("1", "port 6379 of 10.11.12.13"), ("é", "café")],
)
def test_a_tiny_secret_within_a_word_is_none(secret: str, text: str) -> None:
    """It says nothing there, and would hide nearly everything."""
    assert redactor_of(secret).one_line(text) == text


def test_what_is_withheld_says_so_and_no_more() -> None:
    """The same whatever the secret, and however often it is there."""
    texts = ["redis", "bad redis", "redis redis", f"redis {samples.TOKEN}", "x" * 1000 + "redis"]
    assert {redactor_of("redis", samples.TOKEN).one_line(text) for text in texts} == {WITHHELD}


# The product's own sentences.

SENTENCE = "must be letters, digits, '.', '_' and '-', beginning with a letter or digit, not {}; LaunchDarkly's isn't"


@given(secret=st.text(min_size=1, max_size=11))
@example(".")
@example("a")
@example("must")
@example("digits")
@example("LaunchDarkly")
@example("form isn")
def test_the_product_s_own_words_stay(secret: str) -> None:
    """Whatever the secret is: they tell nothing of it, but with something hidden in them they would."""
    assume(not any(character in secret for character in "4711"))
    sentence = SENTENCE.format("'4711'")
    assert redactor_of(secret).own_line(sentence) == sentence


@pytest.mark.parametrize("secret", ["redis", "default", "a", "4711"])
@pytest.mark.parametrize("value", ["u:{}@h", "redis://:{}@h/0?x='y'", "{} or another"])
def test_a_value_that_is_quoted_is_hidden_where_it_tells_a_secret(secret: str, value: str) -> None:
    """As somebody writes it who puts the whole URL of a store where the host belongs."""
    line = redactor_of(secret).own_line(SENTENCE.format(shown(value.format(secret))))
    assert line == SENTENCE.format(HIDDEN)


def test_a_distinctive_secret_is_hidden_in_a_sentence_where_it_stands() -> None:
    """Quoted or not: no word of the product's is like it."""
    line = redactor_of(samples.TOKEN).own_line(SENTENCE.format(f"'x{samples.TOKEN}' {samples.TOKEN}"))
    assert line == SENTENCE.format(f"'x{HIDDEN}' {HIDDEN}")


@given(value=st.text(PLAIN, max_size=30), secret=st.text(PLAIN, min_size=LONGEST_TINY + 1, max_size=11))
def test_no_guessable_secret_is_in_what_is_quoted(value: str, secret: str) -> None:
    """Whatever stands around it, quotes and backslashes too, and however Python writes it."""
    middle = len(value) // 2
    quoted = shown(f"{value[:middle]}{secret}{value[middle:]}")
    assert redactor_of(secret).own_line(f"must be a host name, not {quoted}") == f"must be a host name, not {HIDDEN}"


def test_a_quoted_value_that_is_cut_is_hidden_too() -> None:
    """It has no second quote, and the secret may be anywhere before the end."""
    quoted = shown("redis " * 100)
    assert redactor_of("redis").own_line(f"must be a host name, not {quoted}") == f"must be a host name, not {HIDDEN}"


def test_a_quoted_value_without_a_secret_stays() -> None:
    """It is what the reader has to know."""
    sentence = "must be 1 to 65535, not 'abc'"
    assert redactor_of("redis", "a", samples.TOKEN).own_line(sentence) == sentence


def test_a_sentence_is_one_line_of_bounded_size() -> None:
    """As foreign text is."""
    assert Redactor().own_line("must\nbe " + "x" * 1000) == ("must be " + "x" * 1000)[:FOREIGN_TEXT_LIMIT] + "…"


# What a line is.


@given(st.text(max_size=1000))
@example("Gateway\r\n\x1b[31mforged: all is well\x1b[0m\u202egnp.exe\u2028\u2066x\x00\x85")
def test_a_line_is_one_line_of_visible_text(text: str) -> None:
    """No control character, no line break, nothing that reorders the text; blanks folded to one."""
    line = Redactor().one_line(text)
    assert [char for char in line if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")] == []
    assert line.splitlines() in ([line], [])
    assert "  " not in line


@given(st.text(max_size=1000))
def test_a_line_is_cut_to_size(text: str) -> None:
    """At most 300 characters and the sign that there was more."""
    line = Redactor().one_line(text)
    assert len(line) <= FOREIGN_TEXT_LIMIT or (len(line) == FOREIGN_TEXT_LIMIT + 1 and line.endswith("…"))


def test_a_secret_on_the_cut_leaves_nothing_behind() -> None:
    """It is hidden before the text is cut, so that no first half of it stays."""
    text = "x" * (FOREIGN_TEXT_LIMIT - 8) + samples.TOKEN
    assert redactor_of(samples.TOKEN).one_line(text) == "x" * (FOREIGN_TEXT_LIMIT - 8) + HIDDEN


@pytest.mark.parametrize("secret", [samples.TOKEN, "".join(f"{number:05}" for number in range(202))])
def test_a_secret_in_a_text_without_end_leaves_nothing_behind(secret: str) -> None:
    """Nobody searches megabytes for the 300 characters that are shown; what is looked at may end inside a secret."""
    others = (f"another-secret-{number}" for number in range(100))
    line = redactor_of(secret, *others).one_line(secret * 10_000)
    assert line.endswith("…")
    assert (HIDDEN * 100).startswith(line.removesuffix("…"))


def test_a_secret_beyond_all_bounds_is_not_searched_for() -> None:
    """It is refused before anything is sent; no answer can echo it."""
    assert redactor_of("x" * 10_000_000, samples.TOKEN).one_line(f"xxx {samples.TOKEN}") == f"xxx {HIDDEN}"


@pytest.mark.parametrize("text", ["", "Forbidden. Access was denied.", "Zugriff verweigert: Öffnen ✓"])
def test_text_without_secrets_stays(text: str) -> None:
    """What is fit to show is shown as it is."""
    assert redactor_of(samples.TOKEN, samples.PASSWORD).one_line(text) == text


def test_the_longer_of_two_secrets_is_hidden_whole() -> None:
    """Where one secret begins like another, its rest does not stay; and the other one is not there then."""
    assert redactor_of("hunter", "hunter2-and-more").one_line("it was hunter2-and-more") == f"it was {HIDDEN}"


def test_empty_secrets_are_no_secrets() -> None:
    """An unset password must not hide every character."""
    assert redactor_of("", samples.TOKEN).one_line("plain") == "plain"


def test_what_was_learned_stays_learned() -> None:
    """Secrets of several resources add up, from any iterable."""
    redactor = redactor_of("first-secret")
    redactor.learn(secret for secret in ["second-secret"])
    redactor.learn([])
    assert redactor.one_line("first-secret second-secret") == f"{HIDDEN} {HIDDEN}"


def test_what_several_threads_learn_at_once_is_all_learned() -> None:
    """One is still reading its secrets when another one comes with its own."""
    redactor = Redactor()
    other = threading.Thread(target=redactor.learn, args=(["inner-secret"],))

    def secrets() -> Iterator[str]:
        other.start()
        # Time for the other one to come in between, if it can.
        other.join(0.05)
        yield "outer-secret"

    redactor.learn(secrets())
    other.join(10)
    assert redactor.one_line("inner-secret outer-secret") == f"{HIDDEN} {HIDDEN}"


@pytest.mark.parametrize("between", ["\n", "\r\n", "  ", "\t", "\x00", "\u2028", "\u202e"])
def test_folding_does_not_bring_a_secret_together(between: str) -> None:
    """A text that only becomes the secret by being made one line."""
    assert redactor_of("correct horse").one_line(f"correct{between}horse") == HIDDEN


@pytest.mark.parametrize(
    ("secret", "echo"),
    [
        ("a/b+c", "a%2fb%2bc"),
        ("pä", "p\\u00E4"),
        ("a<b&c", "a\\u003cb\\u0026c"),
        ("a<b&c", "a&lt;b&amp;c"),
        ("a/b", "a\\/b"),
        ("it's!", "it's%21"),
        ("it's!", "it&#39;s!"),
        ("a'b c!", "a'b%20c!"),
        ("a'b c!", "a%27b+c!"),
    ],
)
def test_a_secret_is_hidden_in_other_spellings(secret: str, echo: str) -> None:
    """Upper and lower case of escapes, what other languages escape, and a mixture of escaped and not."""
    assert without_secrets(f"x {echo} y", [secret]) == f"x {HIDDEN} y"
    assert redactor_of(secret).one_line(f"x {echo} y") == WITHHELD
