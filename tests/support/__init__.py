"""What tests start for real: an S3 server, Postgres, a browser, faults in between."""
