"""What benchmarks/step.py times: shapes, contenders, and the process that each of them runs in."""
