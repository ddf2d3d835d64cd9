"""Scripts for maintainers: build data, fetch real inputs, run the demo."""
