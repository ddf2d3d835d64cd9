"""Building blocks of the HTML pages: environment, pictures, tables. Shared by the profile, the roll-up and the diff."""
