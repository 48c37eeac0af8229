"""A pile of files judged: found in folders, judged by several processes, told as a table, a summary, and marked copies."""
