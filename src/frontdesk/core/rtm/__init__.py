"""Real time: the RTM session and what follows from it, without input or output."""
