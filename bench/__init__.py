"""Measurements that anyone can run; figures, never assertions."""
