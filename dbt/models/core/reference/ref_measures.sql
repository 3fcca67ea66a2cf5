-- One row per measure of the follow-up and first day of its validity. Shipped rows with the installation’s own.
{{ merge_installation('measures', ['measure_id', 'valid_from']) }}
