"""What parser and parent say to each other: frames of a length and one MessagePack value, checked against its type."""

from __future__ import annotations

import struct
from typing import Literal

import msgspec

from wsi_streamer.slides.slide import ParsedSlide

LENGTH = struct.Struct("<I")

MAX_RANGE = 256 << 20
"""Bytes of one range that a child may ask for."""

MAX_FROM_CHILD = 192 << 20
"""Bytes of one frame that a parent takes: the tile tables of the largest slide."""


class Parse(msgspec.Struct, tag=True, frozen=True):
    """Parent: parse an object."""

    size: int


class Ready(msgspec.Struct, tag=True, frozen=True):
    """Child: started and limited, waiting for work."""


class Want(msgspec.Struct, tag=True, frozen=True):
    """Child: send these bytes of the object. The parent answers with a frame of exactly those bytes, or an empty one
    where they could not be had."""

    offset: int
    length: int


class Done(msgspec.Struct, tag=True, frozen=True):
    """Child: the slide."""

    slide: ParsedSlide


class Refused(msgspec.Struct, tag=True, frozen=True):
    """Child: no slide."""

    kind: Literal["unsupported", "broken", "unread"]
    """``unread``: the parent could not send the bytes."""

    reason: str

    clean: bool = True
    """Whether the parser ended as it was written to; if not, the child is not used again."""


FromChild = Ready | Want | Done | Refused

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[FromChild] = msgspec.msgpack.Decoder(FromChild)
_parse_decoder = msgspec.msgpack.Decoder(Parse)


def frame(body: bytes) -> bytes:
    """``body`` behind its length."""
    return LENGTH.pack(len(body)) + body


def encode(message: Parse | FromChild) -> bytes:
    """A frame."""
    return frame(_encoder.encode(message))


def from_child(body: bytes) -> FromChild:
    """What a child said.

    Raises:
        msgspec.DecodeError: nonsense.
    """
    return _decoder.decode(body)


def from_parent(body: bytes) -> Parse:
    """What the parent said.

    Raises:
        msgspec.DecodeError: nonsense.
    """
    return _parse_decoder.decode(body)
