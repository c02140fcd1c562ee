"""Masking: stream names, tokens and credentials as ordinals.

``key#1`` and ``token#1`` are numbers in order of first appearance, equal for equal secrets. A hash would
not do: keys can be guessed, and a hash of a guess tells whether it is right.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from urllib.parse import quote, unquote, urlsplit

from rtmpscope.amf import Dictionary, EcmaArray, TypedObject, Vector, Xml

#: Query parameters and members that are no secret whatever they hold.
_HARMLESS = frozenset(("reason",))
_CREDENTIALS = frozenset(
    (
        "user",
        "username",
        "password",
        "pass",
        "pwd",
        "challenge",
        "response",
        "opaque",
        "nonce",
        "salt",
        "token",
        "auth",
    )
)
_QUERY = re.compile(r"\?([^\s\"'<>]*)")
_USER = re.compile(r"(?<=://)[^/@\s]+@")
_AUTHMOD = re.compile(r"\b(user|username|password|challenge|response|opaque|nonce|salt)=([^&\s\]\"',]+)", re.IGNORECASE)
#: Secrets shorter than this are masked only where they stand as a whole word.
_SHORT = 6


class Redactor:
    """Replaces secrets by ordinals, or leaves everything as it is."""

    def __init__(self, *, show: bool = False) -> None:
        self.show = show
        self._keys: dict[str, str] = {}
        self._tokens: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None

    def register_key(self, name: str) -> None:
        """Declare a published stream name a secret; its query, if it has one, holds tokens."""
        key, _, query = name.partition("?")
        if key:
            self.key(key)
        for _, value in _pairs(query):
            if value:
                self.token(value)

    def key(self, secret: str) -> str:
        """The ordinal of a stream key."""
        return self._ordinal(self._keys, secret, "key")

    def token(self, secret: str) -> str:
        """The ordinal of a token or another credential."""
        if secret in self._keys:
            return self.key(secret)
        return self._ordinal(self._tokens, secret, "token")

    def stream_name(self, name: str) -> str:
        """A stream name: masked if it was published, and the query it may have always."""
        return self.text(name)

    def text(self, text: str) -> str:
        """A text with every registered secret, every query and every credential in it masked."""
        if self.show or not text:
            return text
        text = self._known_masked(text)
        text = _USER.sub("token@", text) if "://" in text else text
        text = _QUERY.sub(lambda found: "?" + self._query(found[1]), text)
        return _AUTHMOD.sub(lambda found: f"{found[1]}={self._masked_once(found[2])}", text)

    def url(self, url: str) -> str:
        """An address: user, password and query values masked, and registered secrets anywhere."""
        if self.show:
            return url
        return self.text(self._user_masked(url))

    def value(self, value: object) -> object:
        """An AMF value with the texts in it masked."""
        return value if self.show else self._value(value, "")

    def body(self, data: bytes) -> list[tuple[int, int]]:
        """The (start, stop) byte ranges of secrets in the body of an AMF message, in order."""
        if self.show:
            return []
        found = [
            (match.start(1), match.end(1))
            for pattern in _BODY_PATTERNS
            for match in pattern.finditer(data)
            if match.end(1) > match.start(1)
        ]
        return sorted({*found, *self.registered(data)})

    def registered(self, data: bytes) -> list[tuple[int, int]]:
        """The (start, stop) byte ranges of registered secrets in any bytes, in order."""
        if self.show:
            return []
        found: list[tuple[int, int]] = []
        for secret in (*self._keys, *self._tokens):
            for form in _forms(secret):
                found += _occurrences(data, form, whole=len(secret) < _SHORT)
        return sorted(set(found))

    def _value(self, value: object, name: str) -> object:
        if isinstance(value, str):
            if name.lower() in _CREDENTIALS and value:
                return self._masked_once(value)
            return self.text(value)
        if isinstance(value, Mapping):
            masked = {self.text(str(key)): self._value(inner, str(key)) for key, inner in value.items()}
            return _same_kind(value, masked)
        if isinstance(value, (list, tuple)):
            return [self._value(inner, name) for inner in value]
        if isinstance(value, Vector):
            return Vector(value.kind, tuple(self._value(inner, name) for inner in value.items))
        if isinstance(value, Dictionary):
            return Dictionary(tuple((self._value(key, ""), self._value(inner, "")) for key, inner in value.items))
        if isinstance(value, Xml):
            return Xml(self.text(value.text))
        if isinstance(value, (bytes, bytearray)) and self.body(bytes(value)):
            return "(bytes with a secret)"
        return value

    def _known_masked(self, text: str) -> str:
        if self._pattern is None:
            self._pattern = self._compiled()
        return self._pattern.sub(lambda found: self._lookup(found[0]), text) if self._pattern.pattern else text

    def _compiled(self) -> re.Pattern[str]:
        parts = []
        for secret in sorted((*self._keys, *self._tokens), key=len, reverse=True):
            for form in dict.fromkeys(one.decode() for one in _forms(secret)):
                quoted = re.escape(form)
                parts.append(rf"(?<![\w#]){quoted}(?!\w)" if len(secret) < _SHORT else quoted)
        return re.compile("|".join(parts))

    def _lookup(self, found: str) -> str:
        for table in (self._keys, self._tokens):
            for secret, ordinal in table.items():
                if found.encode() in _forms(secret):
                    return ordinal
        return found

    def _query(self, query: str) -> str:
        if not query:
            return query
        parts = []
        for name, value in _pairs(query):
            if value is None:
                parts.append(self._masked_once(name) if name else name)
            else:
                parts.append(f"{name}={value if name in _HARMLESS else self._masked_once(value)}")
        return "&".join(parts)

    def _masked_once(self, value: str) -> str:
        """A value masked, unless that has been done."""
        return value if not value or re.fullmatch(r"(key|token)#\d+", value) else self.token(unquote(value))

    def _user_masked(self, url: str) -> str:
        try:
            user = urlsplit(url)
            for secret in (user.username, user.password):
                if secret:
                    self.token(unquote(secret))
        except ValueError:
            return url
        return url

    def _ordinal(self, table: dict[str, str], secret: str, name: str) -> str:
        if self.show:
            return secret
        if secret not in table:
            table[secret] = f"{name}#{len(table) + 1}"
            self._pattern = None
        return table[secret]


_BODY_PATTERNS = (
    re.compile(rb"://([^/@\s\x00]{1,200})@"),
    re.compile(rb"\?([!-~]{1,2000})"),
    re.compile(rb"(?i)\b(?:user|password|challenge|response|opaque|nonce|salt)=([^&\s\]\"',\x00]{1,500})"),
)


def _forms(secret: str) -> list[bytes]:
    """The ways a secret may stand in text: plain, percent-encoded, hex, base64."""
    plain = secret.encode("utf-8", "backslashreplace")
    forms = [plain, quote(secret, safe="", errors="replace").encode()]
    if len(secret) >= _SHORT:
        forms += [plain.hex().encode(), base64.b64encode(plain).rstrip(b"=")]
    return list(dict.fromkeys(forms))


def _occurrences(data: bytes, form: bytes, *, whole: bool) -> list[tuple[int, int]]:
    quoted = re.escape(form)
    pattern = rb"(?<![0-9A-Za-z_])" + quoted + rb"(?![0-9A-Za-z_])" if whole else quoted
    return [match.span() for match in re.finditer(pattern, data)]


def _pairs(query: str) -> list[tuple[str, str | None]]:
    pairs: list[tuple[str, str | None]] = []
    for part in query.split("&"):
        name, sign, value = part.partition("=")
        pairs.append((name, value if sign else None))
    return pairs


def _same_kind(value: Mapping[str, object], masked: dict[str, object]) -> object:
    """Typed objects and ECMA arrays stay what they are."""
    if isinstance(value, TypedObject):
        return TypedObject(value.class_name, masked)
    return EcmaArray(masked) if isinstance(value, EcmaArray) else masked
