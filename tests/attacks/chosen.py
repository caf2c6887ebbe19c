"""The attacks that `make test` tries; `make test-attacks` tries all."""

from __future__ import annotations

CHOSEN = (
    "score/equals_everything", "score/prints_the_hidden_input", "score/forged_verdict", "exfiltration/gradebook",
    "exfiltration/environment", "exfiltration/port_of_the_host", "exfiltration/named_socket",
    "exfiltration/processes_of_the_host", "host/becomes_root", "host/core_pattern", "host/nested_namespaces",
    "host/mounts", "host/keyring", "host/daemon", "host/traces_the_first_process", "host/writes_where_programs_lie",
    "host/own_files_in_proc", "exhaustion/memory", "exhaustion/memory_of_children", "exhaustion/memory_in_no_file",
    "exhaustion/many_processes", "exhaustion/full_disk", "exhaustion/kills_itself", "exhaustion/forged_messages",
    "exhaustion/loop_that_swallows_everything", "corruption/renamed", "files/link",
)  # fmt: skip
