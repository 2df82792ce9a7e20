"""What is wrong with one value: a rule for each ``fields.Format``, and how a message shows the value. Pure.

What belongs here: rules that look at one value alone. What fields there may be, and which are required, is in
`validation`. The sources of the rules are with their constants. Where there is no source, a rule refuses only what
cannot be meant, and leaves the rest to LaunchDarkly.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from .fields import CONFIG_FIELDS, REGIONS, Field, Format, is_unknown

HIDDEN = "[secret]"
"""Stands for a secret in what people see."""

MAX_KEY_LENGTH = 256
"""Characters; the largest of LaunchDarkly's limits, which differ by kind of key: no valid key is refused."""

MAX_NAME_LENGTH = 256
MAX_TEXT_LENGTH = 4096
MAX_TAG_LENGTH = 64
"""Characters; generous bounds of this provider: LaunchDarkly publishes none for this endpoint."""

MAX_HOST_LENGTH = 253
MAX_LABEL_LENGTH = 63
"""Characters of a host name, and of one part between its dots (RFC 1035, section 2.3.4)."""

MAX_ARN_LENGTH = 2048
"""Characters (AWS IAM, "IAM and AWS STS quotas")."""

MAX_SHOWN = 60
"""How many characters of a value or a name a message shows."""

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?")
_PORT = re.compile(r"[0-9]{1,5}")
_REGION = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-[0-9]{1,2}")
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/(?:[!-~]+/)?[A-Za-z0-9_+=,.@-]{1,64}")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")

# A control or bidirectional character makes a string look like another one in LaunchDarkly and in Pulumi's output.
_NOT_IN_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# A secret is never displayed, so nearly any string will do. A line break is the end of the file that it was read from.
_NOT_IN_SECRET = re.compile(r"[\x00\r\n\ud800-\udfff]")
_NOT_IN_HOST = re.compile(r"[^A-Za-z0-9._-]")

Verdict = str | dict[int, str] | None
"""What a rule says of a value: ``None`` for a valid one, else the reason, or the reasons by index of a list's items."""


def kind_reason(_field: Field, value: Any) -> Verdict:
    """What is wrong with an integration key that the program sets."""
    kinds = " or ".join(CONFIG_FIELDS)
    return None if isinstance(value, str) and value in CONFIG_FIELDS else f"must be {kinds}, not {shown(value)}"


def _key_reason(_field: Field, value: Any) -> Verdict:
    """LaunchDarkly's keys, as its Terraform provider checks them too."""
    if not isinstance(value, str):
        return f"must be a string, not {shown(value)}"
    if len(value) > MAX_KEY_LENGTH:
        return _too_long(value, MAX_KEY_LENGTH)
    if not value:
        return "must not be empty"
    if not _KEY.fullmatch(value):
        return f"must be letters, digits, '.', '_' and '-', beginning with a letter or digit, not {shown(value)}"
    return None


def _text_reason(field: Field, value: Any) -> Verdict:
    limit = MAX_NAME_LENGTH if field.name == "name" else MAX_TEXT_LENGTH
    if not isinstance(value, str):
        return f"must be a string, not {type_of(value) if field.secret else shown(value)}"
    if len(value) > limit:
        return _too_long(value, limit)
    # An empty string is allowed only where it means the same as leaving the field out.
    if not value.strip() and field.default != "":
        return "must not be empty or blank"
    return _secret_reason(value) if field.secret else _character_reason(value)


def _character_reason(text: str) -> str | None:
    found = _NOT_IN_TEXT.search(text)
    if not found:
        return None
    return f"must have no control or bidirectional character; U+{ord(found[0]):04X} is at position {found.start() + 1}"


def _secret_reason(secret: str) -> str | None:
    found = _NOT_IN_SECRET.search(secret)
    if not found:
        return None
    if found[0] in "\r\n":
        return "must not contain a line break: strip it if the secret is read from a file"
    return "must have no NUL character and no lone surrogate"


def _boolean_reason(_field: Field, value: Any) -> Verdict:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and len(value) <= 5 and value.lower() in ("true", "false"):
        return f"must be True or False, not the string {shown(value)}: write {value.lower().title()} without quotes"
    return f"must be True or False, not {shown(value)}"


def _tags_reason(_field: Field, value: Any) -> Verdict:
    if not isinstance(value, (list, tuple)):
        return f"must be a list of strings, not {shown(value)}"
    reasons: dict[int, str] = {}
    first: dict[str, int] = {}
    for index, tag in enumerate(value):
        reason = None if is_unknown(tag) else _tag_reason(tag, first)
        if reason:
            reasons[index] = reason
        else:
            first[tag] = index
    return reasons or None


def _tag_reason(tag: Any, first: Mapping[str, int]) -> str | None:
    """What LaunchDarkly would refuse or drop; ``first`` has the index of each earlier tag."""
    if not isinstance(tag, str):
        return f"must be a string, not {shown(tag)}"
    if len(tag) > MAX_TAG_LENGTH:
        return _too_long(tag, MAX_TAG_LENGTH)
    if not tag.strip():
        return "must not be empty or blank"
    if tag in first:
        return f"repeats tags[{first[tag]}], {shown(tag)}"
    return _character_reason(tag)


def _host_reason(_field: Field, value: Any) -> Verdict:
    """Says what to move where, but never shows the value: a pasted URL may hold a password."""
    if not isinstance(value, str):
        return f"must be a host name, not {shown(value)}"
    # Two characters more, for values that have a better explanation than their length: a final dot, brackets.
    if len(value) > MAX_HOST_LENGTH + 2:
        return _too_long(value, MAX_HOST_LENGTH)
    return host_problem(value)


def host_problem(host: str) -> str | None:
    """Why a string is not a plain host name or IP address; ``None`` when it is one."""
    if not host:
        return "must not be empty"
    if _is_ip_address(host, version=6):
        return None
    return _url_reason(host) or _host_character_reason(host) or _host_name_reason(host)


def _url_reason(host: str) -> str | None:
    if "@" in host:
        return "must be the host name alone: put the user in config.username and the password in config.password"
    if "://" in host:
        return "must be the host name alone, without a scheme: for TLS set config.tls_enabled"
    if any(character in host for character in "/?#\\"):
        return "must be the host name alone, without a path"
    if host.startswith("["):
        return "must be an IPv6 address without brackets: put the port in config.port"
    if ":" in host:
        return "must be the host name alone: put the port in config.port"
    return None


def _host_character_reason(host: str) -> str | None:
    found = _NOT_IN_HOST.search(host)
    if not found:
        return None
    if found[0].isspace():
        return "must not contain white space"
    if found[0] > "\x7f":
        return "must be ASCII: write an internationalised name in punycode (xn--...)"
    return f"must be letters, digits, hyphens and dots; {found[0]!r} is none of them"


def _host_name_reason(host: str) -> str | None:
    name = host.removesuffix(".")
    labels = name.split(".")
    if len(name) > MAX_HOST_LENGTH:
        return _too_long(name, MAX_HOST_LENGTH)
    if "" in labels:
        return "must have letters or digits before, between and after its dots"
    if any(len(label) > MAX_LABEL_LENGTH for label in labels):
        return f"must have at most {MAX_LABEL_LENGTH} characters between its dots"
    if not all(_LABEL.fullmatch(label) for label in labels):
        return "must not have a hyphen next to a dot, at its beginning or at its end"
    if len(labels) == 4 and name.replace(".", "").isdigit() and not _is_ip_address(name, version=4):
        return f"must be a valid IPv4 address, not {shown(host)}"
    return None


def _is_ip_address(text: str, version: int) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    # A zone such as fe80::1%eth0 names a network interface of one machine: it means nothing to LaunchDarkly.
    return address.version == version and "%" not in text


def _port_reason(_field: Field, value: Any) -> Verdict:
    return f"must be 1 to 65535, not {shown(value)}" if port_number(value) is None else None


def port_number(value: Any) -> int | None:
    """The port that a number, or a string of decimal digits, means; ``None`` for anything else."""
    if isinstance(value, str) and _PORT.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    # The comparison first: it is false for NaN, and keeps infinity away from int().
    return int(value) if 1 <= value <= 65535 and value == int(value) else None


def _region_reason(_field: Field, value: Any) -> Verdict:
    if isinstance(value, str) and has_region_shape(value):
        return None
    meant = closest(value, REGIONS) if isinstance(value, str) else None
    return f"must be an AWS region such as {REGIONS[0]}, not {shown(value)}{did_you_mean(meant)}"


def has_region_shape(text: str) -> bool:
    """Whether a string looks like an AWS region, known or not."""
    return len(text) <= MAX_SHOWN and _REGION.fullmatch(text) is not None


def _role_arn_reason(_field: Field, value: Any) -> Verdict:
    if isinstance(value, str) and len(value) <= MAX_ARN_LENGTH and _ROLE_ARN.fullmatch(value):
        return None
    return f"must be the ARN of an IAM role, arn:aws:iam::<12 digits>:role/<name>, not {shown(value)}"


def _uuid_reason(_field: Field, value: Any) -> Verdict:
    if isinstance(value, str) and _UUID.fullmatch(value):
        return None
    return f"must be a UUID, 8-4-4-4-12 hexadecimal digits, not {shown(value)}"


RULES: Mapping[Format, Callable[[Field, Any], Verdict]] = {
    Format.TEXT: _text_reason,
    Format.KEY: _key_reason,
    Format.BOOLEAN: _boolean_reason,
    Format.TAGS: _tags_reason,
    Format.HOST: _host_reason,
    Format.PORT: _port_reason,
    Format.REGION: _region_reason,
    Format.ROLE_ARN: _role_arn_reason,
    Format.UUID: _uuid_reason,
}
"""The rule for each format; a rule sees no ``None`` and no unknown as the value itself."""


# How a message shows what somebody else wrote.


def _too_long(text: str, limit: int) -> str:
    return f"must have at most {limit} characters, not {len(text)}"


def shown(value: Any) -> str:
    """A value for a message: at most about ``MAX_SHOWN`` characters, without control characters."""
    if isinstance(value, str):
        return _cut(repr(value[:MAX_SHOWN]), whole=len(value) <= MAX_SHOWN)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))  # A whole number comes off the wire as 70000.0: show what the program says.
    if isinstance(value, (bool, float)) or value is None or (isinstance(value, int) and abs(value) < 10**15):
        return str(value)
    return type_of(value)


def is_printable(value: Any) -> bool:
    """Whether a value can be printed as it is: short, without control characters, and not a collection."""
    if isinstance(value, str):
        return len(value) <= MAX_SHOWN and value.isprintable()
    return value is None or isinstance(value, (bool, int, float))


def shown_name(name: str) -> str:
    """A field name for a message, escaped and cut unless it is short ASCII."""
    plain = name.isascii() and name.isprintable() and len(name) <= MAX_SHOWN
    return name if name and plain else shown(name)


def _cut(text: str, whole: bool) -> str:
    return text if whole and len(text) <= MAX_SHOWN + 2 else f"{text[:MAX_SHOWN]}..."


def type_of(value: Any) -> str:
    """The type of a value in words: for secrets, and for values that are too large to show."""
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, (list, tuple)) else f"a {type(value).__name__}"


def closest(text: str, names: Iterable[str]) -> str | None:
    """The name that is most like a string, or begins with it; case and underscores do not count (``tlsEnabled``)."""
    plain, wanted = {_plain(name): name for name in names}, _plain(text[:MAX_SHOWN])
    close = get_close_matches(wanted, plain, n=1, cutoff=0.7)
    longer = [name for name in plain if len(wanted) >= 3 and name.startswith(wanted)]
    return next((plain[name] for name in (*close, *longer)), None)


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def did_you_mean(name: str | None) -> str:
    """The hint at a name; empty without one."""
    return f" (did you mean {name}?)" if name else ""
