"""The gateway's pages, routes and security headers."""
