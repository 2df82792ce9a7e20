"""Foreign text made fit to show: without a secret, in one line, cut to size.

Pure but for the :class:`Redactor`, which remembers the secrets that this process has met, since a
server may echo any of them in any answer.
"""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

FOREIGN_TEXT_LIMIT = 300
"""Characters of a foreign message that are shown; an HTML page says nothing in the rest."""

HIDDEN = "[secret]"


class Redactor:
    """Knows the secrets of this process and takes them out of what servers say."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()

    def learn(self, secrets: Iterable[str]) -> None:
        """Remembers secrets to hide from now on."""
        self._secrets = self._secrets | {secret for secret in secrets if secret}

    def one_line(self, text: str) -> str:
        """The text without any secret, control characters and line breaks folded, at most 300 characters."""
        # Cc and Cf hold the control and the bidi characters, which could forge or reorder a line on a terminal.
        plain = "".join(
            " " if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Cs") else char
            for char in without_secrets(text, self._secrets)
        )
        folded = " ".join(plain.split())
        return folded if len(folded) <= FOREIGN_TEXT_LIMIT else folded[:FOREIGN_TEXT_LIMIT] + "…"


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """The text with each secret hidden, also where it is escaped for JSON or a URL, or encoded in base64."""
    forms = {form for secret in secrets for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    return text


def _forms(secret: str) -> set[str]:
    encoded = secret.encode("utf-8", "surrogatepass")
    return {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        quote(encoded),
        quote(encoded, safe=""),
        quote_plus(encoded),
        base64.b64encode(encoded).decode().rstrip("="),
        base64.urlsafe_b64encode(encoded).decode().rstrip("="),
    }
