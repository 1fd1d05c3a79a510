"""What stands for somebody: tokens, cookies."""
