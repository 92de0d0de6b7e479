"""Train the plan network that comes with the package: ``make network``."""
