"""From an object's bytes to a `ParsedSlide`. The indexer alone imports this package.

Law of this layer: it trusts no byte it reads. All sizes are bounded before anything is allocated, a format is told
by its content and never by its name, and what can't be served rightly is refused by name: a wrong picture is worse
than none. Parsing runs in a child process (`sandbox`) that holds no credential and opens no socket or file: it asks
its parent for byte ranges. ``tifffile`` decodes tags; which bytes are a level, and what they mean, is decided here.
"""
