"""How the captures in this folder are recorded: networks, senders, servers, and what each capture is to show."""
