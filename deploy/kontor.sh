#!/bin/sh
# The command `kontor` in the image; on a server `./run build` makes it.
exec "$(dirname "$0")/python" -c 'from app.cli import main; main(prog_name="kontor")' "$@"
