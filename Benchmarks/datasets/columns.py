"""The columns of measured runs, and a writer for them."""
import csv
import sys

COLUMNS = (
    "gpu framework version kernel dtype m n k batch seq_q seq_kv heads_q heads_kv head_dim window experts topk hidden "
    "intermediate tokens world_size message_bytes time_us kv_dtype moe_tp moe_ep distribution gated"
).split()


class Writer:
    def __init__(self, stream=sys.stdout):
        self.rows = csv.DictWriter(stream, COLUMNS, restval="", lineterminator="\n")
        self.rows.writeheader()
        self.stream = stream

    def write(self, **cells):
        if cells["time_us"] > 0:
            self.rows.writerow(cells)
            self.stream.flush()
