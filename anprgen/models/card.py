# SPDX-License-Identifier: Apache-2.0
"""What a model says about itself, stored as JSON in the metadata of its ONNX file.

A file may come from anyone, so everything read is checked, and bounded.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from anprgen import __version__
from anprgen.errors import ModelError

FORMAT = "anprgen-model/1"
#: The key of `metadata_props` that holds the card.
KEY = "anprgen"
KINDS = ("reader", "detector")
COLOURS = ("grey", "bgr", "rgb")
RESIZES = ("stretch", "letterbox")
VALUES = ("standardised", "unit")

_MOST_BYTES = 1 << 20
_MOST_PX, _MOST_SLOTS, _MOST_CHARACTERS, _MOST_SOURCES = 4096, 64, 4096, 256
_MOST_TEXT = 400


@dataclass(frozen=True)
class Input:
    """How a picture becomes the network's input, float32 NCHW.

    `height` and `width` in px; `colour` grey (1 channel), bgr or rgb; `resize` stretch or
    letterbox (centred, padded with 114); `values` standardised (less the picture's mean, by its
    standard deviation + 8: `anprgen.models.prepare`) or unit (0 to 1).
    """

    height: int
    width: int
    colour: str = "grey"
    resize: str = "stretch"
    values: str = "standardised"

    @property
    def channels(self) -> int:
        """1 of grey, else 3."""
        return 1 if self.colour == "grey" else 3


@dataclass(frozen=True)
class Source:
    """A set of pictures that a model learnt from.

    `digest` is over what was learnt (of a dataset of ours over its records' digests), `count` the
    pictures, `share` of each batch, `made_by` the version of anprgen that made it (or empty).
    """

    name: str
    digest: str
    count: int
    share: float = 1.0
    made_by: str = ""


@dataclass(frozen=True)
class ModelCard:
    """The metadata of a model.

    `kind` is reader or detector. Of a reader, `charset` holds the characters in the order of their
    classes (class 0 is "none", character k is class k + 1) and `slots` says how many places it
    has; of a detector both are empty. `temperature` divides the logits before the softmax.
    `info` is whatever else JSON can say (sizes, scores, a detector's own settings).
    """

    kind: str
    name: str
    input: Input
    charset: str = ""
    slots: int = 0
    temperature: float = 1.0
    trained_on: tuple[Source, ...] = ()
    anprgen: str = __version__
    info: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """The card as stored."""
        said = asdict(self)
        for named in (said, *said["trained_on"]):  # by folders, which may be called anything
            named["name"] = _printable(named["name"])
        return json.dumps({"format": FORMAT, **said}, ensure_ascii=False, allow_nan=False)

    def store(self, model: Any) -> None:
        """Puts the card into an ``onnx.ModelProto``, in place of an earlier one."""
        kept = [(p.key, p.value) for p in model.metadata_props if p.key != KEY]
        del model.metadata_props[:]
        for key, value in [*kept, (KEY, self.to_json())]:
            entry = model.metadata_props.add()
            entry.key, entry.value = key, value


def read_card(metadata: Mapping[str, str], where: str, kind: str | None = None) -> ModelCard:
    """The card in the metadata of an ONNX file; `kind` is the one wanted.

    Raises:
        ModelError: there is none, it is of another format or kind, or says what cannot be.
    """
    if KEY not in metadata:
        raise ModelError(
            "this ONNX file has no card of anprgen: it does not say what it reads",
            where=where,
            hint="models that `anprgen train` wrote have one",
        )
    text = metadata[KEY]
    try:
        if len(text) > _MOST_BYTES:
            raise ValueError("it is larger than 1 MiB")
        data = json.loads(text, parse_constant=_no_number)
        if not isinstance(data, dict):
            raise ValueError("it is no object")
        if data.get("format") != FORMAT:
            raise ValueError(f"it has the format {_short(data.get('format'))}, not {FORMAT}")
        card = _card(data)
    except RecursionError:
        raise ModelError("the card is nested too deeply", where=where) from None
    except (ValueError, TypeError, KeyError, OverflowError) as e:
        said = f"it lacks {e}" if isinstance(e, KeyError) else str(e)
        raise ModelError(
            f"the card in this ONNX file cannot be used: {said}",
            where=where,
            hint="was it made by a newer anprgen, or changed by hand?",
        ) from None
    if kind is not None and card.kind != kind:
        raise ModelError(f"this is a {card.kind}, and a {kind} is wanted", where=where)
    return card


def _card(data: Mapping[str, Any]) -> ModelCard:
    given = _object(data["input"], "input")
    size = Input(
        height=_whole(given["height"], "input.height", 1, _MOST_PX),
        width=_whole(given["width"], "input.width", 1, _MOST_PX),
        colour=_word(given["colour"], "input.colour", COLOURS),
        resize=_word(given["resize"], "input.resize", RESIZES),
        values=_word(given["values"], "input.values", VALUES),
    )
    kind = _word(data["kind"], "kind", KINDS)
    charset = data.get("charset", "")
    if not isinstance(charset, str) or len(charset) > _MOST_CHARACTERS:
        raise ValueError("charset is no text of at most 4096 characters")
    if len(set(charset)) != len(charset) or not charset.isprintable() or " " in charset:
        raise ValueError("charset has a character twice, or one that cannot be seen")
    slots = _whole(data.get("slots", 0), "slots", 0, _MOST_SLOTS)
    if kind == "reader" and (not charset or not slots):
        raise ValueError("a reader needs a charset and slots")
    sources = data.get("trained_on", [])
    if not isinstance(sources, list) or len(sources) > _MOST_SOURCES:
        raise ValueError("trained_on is no list, or too long")
    return ModelCard(
        kind=kind,
        name=_text(data["name"], "name"),
        input=size,
        charset=charset,
        slots=slots,
        temperature=_number(data.get("temperature", 1.0), "temperature", 0.01, 100.0),
        trained_on=tuple(_source(s, f"trained_on[{i}]") for i, s in enumerate(sources)),
        anprgen=_text(data.get("anprgen", ""), "anprgen"),
        info=_object(data.get("info", {}), "info"),
    )


def _source(value: Any, at: str) -> Source:
    said = _object(value, at)
    return Source(
        name=_text(said["name"], f"{at}.name"),
        digest=_text(said["digest"], f"{at}.digest"),
        count=_whole(said["count"], f"{at}.count", 0, 10**12),
        share=_number(said.get("share", 1.0), f"{at}.share", 0.0, 1.0),
        made_by=_text(said.get("made_by", ""), f"{at}.made_by"),
    )


def _object(value: Any, at: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{at} is no object")
    return value


def _text(value: Any, at: str) -> str:
    # What is printed on terminals and into reports holds no control characters.
    if not isinstance(value, str) or len(value) > _MOST_TEXT or not value.isprintable():
        raise ValueError(f"{at} is no text of one line")
    return value


def _printable(text: str) -> str:
    """What `_text` takes, as near to a text as can be."""
    return "".join(c if c.isprintable() else "_" for c in text)[:_MOST_TEXT]


def _word(value: Any, at: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f"{at} is {_short(value)}, not one of {', '.join(known)}")
    return str(value)


def _whole(value: Any, at: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{at} is {_short(value)}, not a whole number from {low} to {high}")
    return value


def _number(value: Any, at: str, low: float, high: float) -> float:
    fits = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not fits or not math.isfinite(value) or not low <= value <= high:
        raise ValueError(f"{at} is {_short(value)}, not a number from {low:g} to {high:g}")
    return float(value)


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
