"""Text made fit to show: without a secret, in one line, cut to size.

Replacing a secret by ``[secret]`` is safe only if nobody can guess it from the words around it. The rules:

- *Foreign text*, what LaunchDarkly, a proxy or a store says (:meth:`Redactor.one_line`): a *distinctive* secret, of
  twelve characters or more that are not letters alone, becomes ``[secret]`` wherever it is, in any encoding. Every
  other secret is *guessable*: ``[secret] is not a kind of store`` reveals a password ``redis`` to everyone who knows
  the message. A text that contains a guessable secret is withheld as a whole. A secret of up to three characters is in
  nearly every text: it counts only where no letter or digit is next to it.
- *The product's own sentences* (:meth:`Redactor.own_line`) are written without knowing any secret: the ``s`` in
  ``must`` reveals nothing about a password ``s``. They are not searched for guessable secrets. What they quote comes
  from the program or from LaunchDarkly: a quoted value that contains a secret is hidden as a whole.

What belongs here: everything that decides what may be shown. Pure but for the :class:`Redactor`, which remembers the
secrets that this process has met, since a server may echo any of them in any response.
"""

from __future__ import annotations

import base64
import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from ..model.value_rules import HIDDEN
from .escapes import ENTITIES, SHORT_ESCAPES
from .secret_search import SecretSearch, pieces_of

FOREIGN_TEXT_LIMIT = 300
"""Characters of a foreign message that are shown; an HTML page says nothing in the rest."""


LONGEST_SECRET = 4096
"""Characters; longer inputs and tokens are refused before anything is sent, so that no response echoes them."""


LONGEST_ESCAPE = 12
"""Characters that one character of a secret may become, as a pair of surrogates in JSON does."""


SHORTEST_DISTINCTIVE = 12
"""Characters from which on a secret that is not a word is in no text by chance."""


LONGEST_TINY = 3
"""Characters up to which a secret is a part of many words, and counts only where it stands alone."""


WITHHELD = "[withheld: it may reveal a secret]"


_SHORTEST_INNER_BASE64 = 6
"""Characters: a shorter piece of base64 would be found in any text."""


_LETTER_OR_DIGIT = r"[^\W_]"


_ESCAPE_BEFORE = "|".join(
    rf"(?<={escape})" for escape in (r"%[0-9A-Fa-f]{2}", r"\\u[0-9A-Fa-f]{4}", r"\\x[0-9A-Fa-f]{2}", r"\\[bfnrt]")
)


_QUOTED = re.compile(rf"""(?<!{_LETTER_OR_DIGIT})(['"])(?P<said>(?:\\.|(?!\1)[^\\])*)(?:\1|$)""")
"""What a sentence quotes; a sentence that was cut may lack the second quote."""


class Redactor:
    """Knows the secrets of this process, and removes them from what servers say."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._secrets: set[str] = set()
        self._search = SecretSearch()
        self._longest = 0

    def learn(self, secrets: Iterable[str]) -> None:
        """Remembers secrets to hide from now on."""
        with self._lock:
            for secret in secrets:
                if 0 < len(secret) <= LONGEST_SECRET and secret not in self._secrets:
                    self._search.add(secret)
                    self._longest = max(self._longest, len(secret))
                    self._secrets.add(secret)

    def one_line(self, text: str) -> str:
        """Foreign text without any secret, in one line, at most 300 characters."""
        # Only the beginning is searched, since only that is shown; a secret that is cut at its end is removed too.
        longest = LONGEST_ESCAPE * self._longest
        beginning = text[: 10 * FOREIGN_TEXT_LIMIT + longest]
        hidden = self._without_distinctive(beginning)
        if len(beginning) < len(text):
            hidden = hidden[: max(0, len(hidden) - longest)]
        # Folding may join parts to a secret.
        folded = self._without_distinctive(_folded(hidden))
        if any(self._guessable_in(hidden)) or any(self._guessable_in(folded)):
            return WITHHELD
        return _cut(folded, whole=len(beginning) == len(text))

    def own_line(self, sentence: str) -> str:
        """A sentence of the product's own, in one line, at most 300 characters; no quoted value reveals a secret."""

        def fit(quoted: re.Match[str]) -> str:
            # The sentence's own quotes tell nothing of a secret that is hardly more than a quote.
            said = quoted["said"]
            told = (len(each) > LONGEST_TINY or _tells(said, each) for each in self._guessable_in(quoted[0]))
            return HIDDEN if len(said) > 1 and any(told) else quoted[0]

        def shown(text: str) -> str:
            return _QUOTED.sub(fit, self._without_distinctive(text))

        # Folding changes the spaces of a secret, and may join parts to one.
        return _cut(shown(_folded(shown(sentence))), whole=True)

    def _without_distinctive(self, text: str) -> str:
        """The text without the secrets that can be replaced in it."""
        while True:
            hidden = without_secrets(text, filter(_is_distinctive, self._possible_in(text)))
            # What stands for one secret is shorter than it, and may be a part of another one.
            if hidden == text:
                return text
            text = hidden

    def _guessable_in(self, text: str) -> Iterator[str]:
        """The secrets of a text that could be guessed from the rest of it."""
        return (each for each in self._possible_in(text) if not _is_distinctive(each) and _tells(text, each))

    def _possible_in(self, text: str) -> list[str]:
        pieces = pieces_of(text)
        with self._lock:
            return self._search.possible_among(pieces)


def _is_distinctive(secret: str) -> bool:
    return len(secret) >= SHORTEST_DISTINCTIVE and not secret.isalpha()


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """The text with each secret hidden, also where it is escaped for JSON, a URL or HTML, or encoded in base64."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = _pattern(secret).sub(HIDDEN, text)
    return text


def _tells(text: str, secret: str) -> bool:
    """Whether a text contains a secret."""
    pattern = _pattern(secret) if len(secret) > LONGEST_TINY else _pattern_alone(secret)
    return pattern.search(text) is not None


def _cut(line: str, whole: bool) -> str:
    return line if whole and len(line) <= FOREIGN_TEXT_LIMIT else line[:FOREIGN_TEXT_LIMIT] + "…"


def _folded(text: str) -> str:
    # Cc and Cf are control and bidirectional characters, which could forge or reorder a line on a terminal.
    hostile = ("Cc", "Cf", "Zl", "Zp", "Cs")
    return " ".join("".join(" " if unicodedata.category(char) in hostile else char for char in text).split())


@lru_cache(maxsize=4096)
def _pattern(secret: str) -> re.Pattern[str]:
    """Each character raw or escaped in any way, which a server may mix; or the whole secret in base64."""
    escaped = "".join(_character(char) for char in secret)
    encoded = sorted(_base64_forms(secret), key=len, reverse=True)
    return re.compile("|".join([escaped, *(f"{re.escape(form)}={{0,2}}" for form in encoded)]))


@lru_cache(maxsize=4096)
def _pattern_alone(secret: str) -> re.Pattern[str]:
    """The same where no letter or digit is next to it; an escape, as in ``password%3Da``, is neither."""
    before = rf"(?:(?<!{_LETTER_OR_DIGIT})|{_ESCAPE_BEFORE})" if secret[0].isalnum() else ""
    after = rf"(?!{_LETTER_OR_DIGIT})" if secret[-1].isalnum() else ""
    return re.compile(f"{before}(?:{_pattern(secret).pattern}){after}")


def _character(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    unicode_escape = "".join(rf"\\u(?i:{units[i : i + 2].hex()})" for i in range(0, len(units), 2))
    percent = "".join(f"%(?i:{byte:02x})" for byte in char.encode("utf-8", "surrogatepass"))
    forms = [re.escape(table[char]) for table in (SHORT_ESCAPES, ENTITIES) if char in table]
    forms += [unicode_escape, percent, rf"\\U(?i:{ord(char):08x})", rf"\\x(?i:{ord(char):02x})"]
    # The character itself comes last: an escape may begin with it.
    forms += [r"\+", " "] if char == " " else [re.escape(char)]
    return f"(?:{'|'.join(forms)})"


def _base64_forms(secret: str) -> set[str]:
    """The base64 of the secret at each of the three offsets that it can have in a longer text.

    The characters at both ends, which depend on the text around it, are left out.
    """
    raw = secret.encode("utf-8", "surrogatepass")
    forms = {base64.b64encode(raw).decode().rstrip("=")}
    for lead in range(3):
        encoded = base64.b64encode(b"\0" * lead + raw).decode().rstrip("=")
        inner = encoded[(0, 2, 3)[lead] : len(encoded) if (lead + len(raw)) % 3 == 0 else -1]
        forms |= {inner} if len(inner) >= _SHORTEST_INNER_BASE64 else set()
    return forms | {form.replace("+", "-").replace("/", "_") for form in forms}
