"""Everything that makes a vendor that vendor, as frozen values: no behaviour, no request, no clock."""
