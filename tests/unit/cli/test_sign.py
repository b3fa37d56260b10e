from __future__ import annotations

import json
import time

import pytest
from click.testing import CliRunner, Result

from wsi_streamer.access.query import parse_query
from wsi_streamer.access.signed_links import SignedLinks
from wsi_streamer.cli import main

PATH = "/tiles/s.svs/0/0/0.jpg"
EXP = 1795230667
SIG = "4ea242948774c6c16ebb885b9887bfb9e7c3da62c23ec9a65b873facd267761c"


def sign(*args: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, ["sign", *args], env=env)


def known(*args: str) -> str:
    result = sign("--path", PATH, "--secret", "abc", "--params", "quality=80", "--exp", str(EXP), *args)
    assert result.exit_code == 0
    return result.stdout


def test_known_answer_in_each_format() -> None:
    assert known("--format", "signature") == f"{SIG}\n"
    assert known() == f"{PATH}?quality=80&exp={EXP}&sig={SIG}\n"
    url = f"https://x.org{PATH}?quality=80&exp={EXP}&sig={SIG}"
    assert known("--base-url", "https://x.org/") == f"{url}\n"
    shown = json.loads(known("-f", "json", "-b", "https://x.org"))
    ttl = shown.pop("ttl")
    assert shown == {"expiry": EXP, "path": PATH, "signature": SIG, "url": url}
    assert abs(ttl - max(0, EXP - time.time())) < 5
    assert list(json.loads(known("-f", "json"))) == ["expiry", "path", "signature", "ttl", "url"]
    assert json.loads(known("-f", "json"))["url"] is None


def test_short_flags_secret_from_the_environment_and_default_ttl() -> None:
    result = sign("-p", PATH, "-P", "a=1,b=2", "-P", "c=x=y", "-f", "json", env={"WSI_AUTH_SECRET": "abc"})
    shown = json.loads(result.stdout)
    assert shown["ttl"] == 3600
    assert abs(shown["expiry"] - time.time() - 3600) < 5
    expected = SignedLinks((b"abc",)).sign_url(PATH, {"a": "1", "b": "2", "c": "x=y"}, shown["expiry"])
    assert expected.endswith(shown["signature"])


def test_the_tip_goes_to_stderr() -> None:
    result = sign("-p", PATH, "-s", "abc")
    assert "--base-url" in result.stderr
    assert result.stdout.count("\n") == 1


@pytest.mark.parametrize(
    "path", ["/view/a b.svs", "/view/病.svs", "/view/a%2Fb.svs", "/view/a+b&c=d;e.svs", '/view/"q".svs']
)
def test_a_printed_link_verifies_as_it_is_sent(path: str) -> None:
    link = sign("-p", path, "-s", "abc", "-P", "search=a b&c").stdout.strip()
    assert link.isascii()
    assert " " not in link
    sent, _, query = link.partition("?")
    assert SignedLinks((b"abc",)).check_url(sent, parse_query(query.encode()), time.time())


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["-s", "abc"], 2, "--path"),
        (["-p", PATH], 2, "--secret"),
        (["-p", PATH, "-s", ""], 1, "secret is empty"),
        (["-p", "", "-s", "abc"], 1, "begin with '/'"),
        (["-p", "tiles/x", "-s", "abc"], 1, "begin with '/'"),
        (["-p", "/view/a?b", "-s", "abc"], 1, "'?'"),
        (["-p", "/view/a#b", "-s", "abc"], 1, "'#'"),
        (["-p", PATH, "-s", "abc", "-t", "0"], 1, "--ttl"),
        (["-p", PATH, "-s", "abc", "-t", "-5"], 1, "--ttl"),
        (["-p", PATH, "-s", "abc", "-t", "9007199254740993"], 1, "expiry"),
        (["-p", PATH, "-s", "abc", "-t", "1", "--exp", "2"], 2, "not both"),
        (["-p", PATH, "-s", "abc", "-P", "quality"], 1, "'quality'"),
        (["-p", PATH, "-s", "abc", "-P", "a=1,a=2"], 1, "twice"),
        (["-p", PATH, "-s", "abc", "-P", "exp=1"], 1, "'exp'"),
        (["-p", PATH, "-s", "abc", "-P", "sig=1"], 1, "'sig'"),
        (["-p", PATH, "-s", "abc", "-f", "xml"], 2, "xml"),
    ],
)
def test_refusals(args: list[str], code: int, words: str) -> None:
    result = sign(*args, env={"WSI_AUTH_SECRET": ""})
    assert result.exit_code == code
    assert words in result.stderr
    assert result.stdout == ""
