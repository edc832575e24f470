"""What somebody has, besides the password that they know: an app that makes codes, passkeys, and codes on paper."""
