"""What is measured, one file a pattern: an async function that takes the lab and adds rows to its report."""
