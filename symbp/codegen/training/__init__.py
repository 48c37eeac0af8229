"""Generated trainers at work: the data that they learn from, runs, and their times."""
