"""Tests of Callsheet."""
