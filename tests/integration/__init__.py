"""Tests that need real servers or processes."""
