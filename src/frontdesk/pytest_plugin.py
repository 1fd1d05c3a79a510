"""Fixtures for tests of integrations, loaded by pytest itself."""
