"""What `./run bench` measures: the product against a bare floor, over HTTP, in one run.

Imports config (to start what is measured); `filling` and `inside` run in processes of their own and may import the
whole product. No test depends on a timing.

Steps of a run: `cluster` (databases with the data of a fixed seed), `servers` (product and floor), `drive` (requests in
turns), `results` (numbers), `table` (the terminal) and `last.json` beside it.
"""
