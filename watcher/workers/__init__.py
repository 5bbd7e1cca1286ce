"""Reading in worker processes with limits: the adapter behind the `Reader` port, `reader.WorkerReader`."""
