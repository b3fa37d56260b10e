"""Which bytes of a slide are read, and when.

A miss joins the reads of its slide (`tile_fetcher`); what its viewer asks for in this moment forms a `view`, from which
`window` guesses the rest of the screen. Law: no pixel is decoded here, and no guess ever delays what was asked for.
"""
