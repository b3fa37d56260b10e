"""Who saw which slide when, in a log that shows if it was changed.

Law of this package: what has been acknowledged is never lost, and nothing waits on it but the beginning of a view and
single acts: a tile costs a count in memory. Records are written once and never changed; each holds the hash of the one
before it (see `chain`). Slide ids and keys stand in records, and in no line of the service's own log.
"""
