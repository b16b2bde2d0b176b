"""Outside systems: one folder a vendor, behind the ports of base.py."""
