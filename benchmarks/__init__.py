"""Speed as ratios: each benchmark runs us and what a user would pick instead in turn, in one run."""
