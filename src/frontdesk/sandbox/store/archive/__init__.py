"""The archive index: what archived threads are found by, and the lists that pages are read from."""
