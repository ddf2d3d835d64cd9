"""Host names, URLs, addresses and e-mail addresses: found, decoded, judged."""
