"""Floor 2. What did the tenant buy, use, owe? Imports config and tenants; knows no feature and no HTTP."""
