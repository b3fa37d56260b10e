"""Keys that real buckets hold and clients trip over."""

ODD_KEYS = [
    "plain.svs",
    "with space.svs",
    "a+b.svs",
    "a#b.svs",
    "a?b=c.svs",
    "a;b.svs",
    "a&b.svs",
    "100%.svs",
    "a~b.svs",
    "a^b.svs",
    "a@b.svs",
    'a"b.svs',
    "a'b(1)!*.svs",
    "病理/症例１.svs",
    "slide-🔬.svs",
    "a%2Fb.svs",
    "a%252Fb.svs",
    "deep/er/path.svs",
    "ü/é.svs",
    "a=b,c:d$e.svs",
    "a[1]{2}|3.svs",
    "back\\slash.svs",
    "long/" + "x" * 200 + "/" + "y" * 200 + ".svs",
]
"""All of them work on a POSIX-backed server; keys with dot segments or ``//`` can't exist there (see integration/objectstore/test_targets.py)."""
