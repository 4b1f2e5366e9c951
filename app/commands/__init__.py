"""The commands of the command line, one file each: `parser()` describes it, `run(options)` does it."""
