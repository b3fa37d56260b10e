from wsi_streamer.tiles.cors import CorsPolicy


def allowed(policy: CorsPolicy, origin: bytes | None) -> bytes | None:
    return dict(policy.headers(origin)).get(b"access-control-allow-origin")


def test_open_access_allows_every_origin_as_the_original_does() -> None:
    assert allowed(CorsPolicy.of(None, open_access=True), b"https://a.example") == b"*"


def test_with_access_on_no_origin_is_allowed_unless_named() -> None:
    closed = CorsPolicy.of(None, open_access=False)
    assert allowed(closed, b"https://a.example") is None
    named = CorsPolicy.of(("https://a.example",), open_access=False)
    assert allowed(named, b"https://a.example") == b"https://a.example"
    assert allowed(named, b"https://b.example") is None
    assert allowed(named, b"null") is None


def test_answers_that_depend_on_the_origin_say_so_to_caches() -> None:
    named = CorsPolicy.of(("https://a.example",), open_access=True)
    assert (b"vary", b"Origin") in named.headers(None)


def test_preflight_names_the_methods_only_to_allowed_origins() -> None:
    named = CorsPolicy.of(("https://a.example",), open_access=True)
    assert b"access-control-allow-methods" in dict(named.preflight(b"https://a.example", b"GET"))
    assert b"access-control-allow-methods" not in dict(named.preflight(b"https://b.example", b"GET"))
