"""The stand-in's own endpoints: they play the customer, the clock and bad luck."""
