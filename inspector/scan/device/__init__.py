"""What a device starts, and by what it is administered or hands data over from elsewhere."""
