"""The benchmarks: ``make bench``. Each figure beside a ceiling measured in the same run."""
