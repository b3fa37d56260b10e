"""What can be said of the charts without a cluster."""
