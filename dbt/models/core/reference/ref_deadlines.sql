-- One row per deadline of the act and first day of its validity. Shipped rows with the installation’s own.
{{ merge_installation('deadlines', ['deadline_id', 'valid_from']) }}
