"""Several nodes share the feeds of one database: leases, signs of life and the time in, decisions out.

How a node works, and how a simulation drives the same code on a clock of its own:

1. At each tick a node asks how many leases are due and how many batches wait for a worker. `leasing.sizes`
   says how many batches it makes now, and of how many feeds.
2. It takes that many with `leasing.take`, and posts each batch to the queue that all nodes share. In the
   database, `take` is one statement that passes over the rows which others are taking (`SKIP LOCKED`);
   `tests/nodes/` holds the statement to the function.
3. A free worker of any node takes the first batch in the queue. `leasing.begun` says which of its feeds are
   still to be polled, and for how long the worker now holds them. While it gets on, it renews them every
   `Pace.renew`.
4. Recording a poll checks `leasing.in_force` in the same transaction, and lets go of the lease:
   `leasing.ended`, with the time at which the feed is due next (`watcher.polling.cadence.due_at`).
5. `leasing.next_tick` says when the node looks again.

A node that dies does nothing more. The database misses its session, and the node in charge frees what it
held (`leasing.freed`) when it was missed twice, `Pace.round_end` apart. A machine that is cut off keeps its
session for a while, and its leases run out. Either way its feeds are taken again at a later tick. A batch of
a dead node that waits in the queue is as good as any other, and one whose leases were taken meanwhile is
empty when it begins. Nothing between fetching and recording is stored.

`living` says which nodes live, what each does of the work, and how late the feeds are; `agreeing` which list
they go by; `clocks` what time it is by the database.
"""
