"""Users: the people of one tenant. Mirrors the platform's memberships, same ids. Imports core only."""
