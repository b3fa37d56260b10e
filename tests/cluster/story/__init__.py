"""What the story of tests/cluster/test_story.py is told with."""
