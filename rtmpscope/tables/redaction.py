"""Masking: stream names, tokens and credentials as ordinals.

``key#1`` and ``token#1`` are numbers in order of first appearance, equal for equal secrets. A hash would
not do: keys can be guessed, and a hash of a guess tells whether it is right.

Every value of a query is masked where it stands. It is looked for in other texts too if it can hardly be
anything else: ``?t=1&type=live`` must not mask each 1 and each "live" of a capture.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar
from urllib.parse import quote, quote_plus, unquote, urlsplit

from rtmpscope.amf import Dictionary, EcmaArray, TypedObject, Vector, Xml
from rtmpscope.tables.search import SecretIndex

Record = TypeVar("Record")
Answer = TypeVar("Answer")

#: Query parameters that are no secret whatever they hold.
_HARMLESS = frozenset(("reason", "authmod"))
#: Members and parameters that are secrets whatever they hold.
_CREDENTIALS = frozenset(
    [
        "user",
        "username",
        "password",
        "passwd",
        "pass",
        "pwd",
        "challenge",
        "response",
        "opaque",
        "nonce",
        "salt",
        "token",
        "auth",
        "secret",
    ]
)
#: Commands, events and levels: no stream name makes a secret of them.
_WORDS = frozenset(
    [
        "connect",
        "call",
        "close",
        "createStream",
        "deleteStream",
        "closeStream",
        "play",
        "play2",
        "publish",
        "receiveAudio",
        "receiveVideo",
        "seek",
        "pause",
        "pauseRaw",
        "FCPublish",
        "FCUnpublish",
        "releaseStream",
        "FCSubscribe",
        "getStreamLength",
        "_checkbw",
        "onBWDone",
        "onStatus",
        "_result",
        "_error",
        "onFCPublish",
        "onFCUnpublish",
        "onFCSubscribe",
        "onMetaData",
        "onTextData",
        "onCuePoint",
        "|RtmpSampleAccess",
        "status",
        "warning",
        "error",
        "live",
        "record",
        "append",
    ]
)
_STATUS_CODE = re.compile(r"Net(Connection|Stream)(\.[A-Z][A-Za-z]{1,30}){1,4}")
_QUERY = re.compile(r"\?([^\s\"'<>]*)")
_USER = re.compile(r"(?<=://)[^/\s]+@")  # up to the last @: a password may hold one
_CREDENTIAL = re.compile(rf"\b({'|'.join(sorted(_CREDENTIALS))})=([^&\s\]\"',]+)", re.IGNORECASE)
_ESCAPE = re.compile("%[0-9A-F]{2}")
_MASK = re.compile(r"(key|token)#\d+")
#: Secrets shorter than this are masked only where they stand as a whole word.
_SHORT = 6
#: A credential shorter than this is masked where it stands only.
_SHORTEST_SOUGHT = 4
#: So many answers are remembered, of texts no longer than this.
_MOST_REMEMBERED = 4096
_LONGEST_REMEMBERED = 256
#: Lower-case words may be secrets from this length on.
_LONG_WORD = 12


class Redactor:
    """Replaces secrets by ordinals, or leaves everything as it is."""

    def __init__(self, *, show: bool = False) -> None:
        self.show = show
        self._keys: dict[str, str] = {}
        self._tokens: dict[str, str] = {}
        self._index = SecretIndex()
        self._sought: set[str] = set()
        self._answers: dict[str, str] = {}  # of text(); the same words come again and again

    def register_key(self, name: str) -> None:
        """Declare a published stream name a secret; its query, if it has one, holds tokens."""
        key, _, query = name.partition("?")
        if key:
            self.key(key)
        self._query(query)

    def key(self, secret: str) -> str:
        """The ordinal of a stream key."""
        return self._ordinal(self._keys, secret, "key", sought=True)

    def token(self, secret: str) -> str:
        """The ordinal of a token or another credential."""
        return self._token(secret, sought=len(secret) >= _SHORTEST_SOUGHT)

    def stream_name(self, name: str) -> str:
        """A stream name: masked if it was published, and the query it may have always."""
        return self.text(name)

    def text(self, text: str) -> str:
        """A text with every registered secret, every query and every credential in it masked."""
        if self.show or not text:
            return text
        answer = self._answers.get(text)
        if answer is None:
            known = self.known
            answer = self._masked(text)
            # A text with a new secret may read otherwise the next time.
            if known == self.known and len(text) <= _LONGEST_REMEMBERED and len(self._answers) < _MOST_REMEMBERED:
                self._answers[text] = answer
        return answer

    @property
    def known(self) -> tuple[int, int, int]:
        """Numbers that grow with each secret: while they stay, equal texts are masked in equal ways."""
        return len(self._keys), len(self._tokens), len(self._sought)

    def _masked(self, text: str) -> str:
        text = self._index.masked(text)
        text = _USER.sub("token@", text) if "://" in text else text
        text = _QUERY.sub(lambda found: "?" + self._query(found[1]), text)
        return _CREDENTIAL.sub(lambda found: f"{found[1]}={self._masked_once(found[1], found[2])}", text)

    def url(self, url: str) -> str:
        """An address: user, password and query values masked, and registered secrets anywhere."""
        if self.show:
            return url
        return self.text(self._user_masked(url))

    def member(self, name: str, text: str) -> str:
        """A text that stands under a name: credentials are known by their names."""
        if self.show:
            return text
        return self._masked_once(name, text) if name.lower() in _CREDENTIALS else self.text(text)

    def is_credential(self, name: str) -> bool:
        """Whether texts under this name are masked whatever they hold."""
        return not self.show and name.lower() in _CREDENTIALS

    def vocabulary(self, word: str) -> str:
        """A word of the protocol (a command's name, a status code, a level) as it is; any other text masked."""
        return word if word in _WORDS or _STATUS_CODE.fullmatch(word) else self.text(word)

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
        for secret in self._sought:
            for form in _forms(secret):
                found += _occurrences(data, form.encode("utf-8", "backslashreplace"), whole=len(secret) < _SHORT)
        return sorted(set(found))

    def _value(self, value: object, name: str) -> object:
        if isinstance(value, str):
            return self.member(name, value)
        if isinstance(value, Mapping):
            masked = {self.text(str(key)): self._value(inner, str(key)) for key, inner in value.items()}
            class_name = self.text(value.class_name) if isinstance(value, TypedObject) else ""
            return _same_kind(value, masked, class_name)
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

    def _query(self, query: str) -> str:
        if not query:
            return query
        parts = []
        for name, value in _pairs(query):
            if value is None:
                parts.append(self._masked_once("", name))
            else:
                parts.append(f"{name}={value if name in _HARMLESS else self._masked_once(name, value)}")
        return "&".join(parts)

    def _masked_once(self, name: str, value: str) -> str:
        """The value of a parameter or member masked, unless that has been done."""
        if not value or _MASK.fullmatch(value):
            return value
        secret = unquote(value)
        return self._token(secret, sought=_is_sought(name, secret))

    def _user_masked(self, url: str) -> str:
        try:
            user = urlsplit(url)
            for secret in (user.username, user.password):
                if secret and not self.show:
                    self._masked_once("password", secret)
        except ValueError:
            return url
        return url

    def _token(self, secret: str, *, sought: bool) -> str:
        if secret in self._keys:
            return self._keys[secret]
        return self._ordinal(self._tokens, secret, "token", sought=sought)

    def _ordinal(self, masks: dict[str, str], secret: str, name: str, *, sought: bool) -> str:
        if self.show or not secret:
            return secret
        known = self.known
        mask = masks.setdefault(secret, f"{name}#{len(masks) + 1}")
        if sought and secret not in self._sought:
            self._sought.add(secret)
            for form in _forms(secret):
                self._index.add(form, mask, whole=len(secret) < _SHORT)
        if known != self.known:
            self._answers.clear()
        return mask


class MaskedOnce(Generic[Record, Answer]):
    """What becomes of records that come again and again, worked out once unless a secret was found since then."""

    def __init__(self, redactor: Redactor, make: Callable[[Record], Answer]) -> None:
        self._redactor = redactor
        self._make = make
        self._known = redactor.known
        self._answers: dict[int, tuple[Record, Answer]] = {}  # the record is kept for its id's sake

    def of(self, record: Record) -> Answer:
        """What is made of a record; equal records are not the same."""
        if self._known != self._redactor.known:
            self._known = self._redactor.known
            self._answers.clear()
        found = self._answers.get(id(record))
        if found is not None:
            return found[1]
        answer = self._make(record)
        if self._known == self._redactor.known and len(self._answers) < _MOST_REMEMBERED:
            self._answers[id(record)] = record, answer
        return answer


_BODY_PATTERNS = (
    re.compile(rb"://([^/\s\x00]{1,200})@"),
    re.compile(rb"\?([!-~]{1,2000})"),
    re.compile(rb"(?i)\b(?:%s)=([^&\s\]\"',\x00]{1,500})" % "|".join(sorted(_CREDENTIALS)).encode()),
)


def _is_sought(name: str, secret: str) -> bool:
    """Whether a masked value is looked for in other texts: it must be hard to take for anything else."""
    if name.lower() in _CREDENTIALS:
        return len(secret) >= _SHORTEST_SOUGHT
    is_word = secret.isalpha() and secret.islower()
    return len(secret) >= (_LONG_WORD if is_word else _SHORT)


def _forms(secret: str) -> list[str]:
    """The ways a secret may stand in text: plain, percent-encoded, hex, base64."""
    plain = secret.encode("utf-8", "backslashreplace")
    quoted = [quote(secret, safe, errors="replace") for safe in ("", "/")]
    quoted.append(quote_plus(secret, errors="replace"))
    forms = [
        secret,
        plain.decode(),
        unquote(secret),
        *quoted,
        *(_ESCAPE.sub(lambda found: found[0].lower(), form) for form in quoted),
    ]
    if len(secret) >= _SHORT:
        encoded = (base64.b64encode(plain), base64.urlsafe_b64encode(plain))
        forms += [plain.hex(), plain.hex().upper(), *(one.rstrip(b"=").decode() for one in encoded)]
    return list(dict.fromkeys(forms))


def _occurrences(data: bytes, form: bytes, *, whole: bool) -> list[tuple[int, int]]:
    if form not in data:  # far faster than a pattern, and nearly always so
        return []
    quoted = re.escape(form)
    pattern = rb"(?<![0-9A-Za-z_])" + quoted + rb"(?![0-9A-Za-z_])" if whole else quoted
    return [match.span() for match in re.finditer(pattern, data)]


def _pairs(query: str) -> list[tuple[str, str | None]]:
    pairs: list[tuple[str, str | None]] = []
    for part in query.split("&"):
        name, sign, value = part.partition("=")
        pairs.append((name, value if sign else None))
    return pairs


def _same_kind(value: Mapping[str, object], masked: dict[str, object], class_name: str) -> object:
    """Typed objects and ECMA arrays stay what they are."""
    if isinstance(value, TypedObject):
        return TypedObject(class_name, masked)
    return EcmaArray(masked) if isinstance(value, EcmaArray) else masked
