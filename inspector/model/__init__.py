"""The values that the stages hand to one another: frozen, ordered, without behaviour beyond their own invariants."""
